package dev.holdfast.cli.io;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The grammar: one constant an operation, with its usage line and how its words become an {@link
 * IoOp}.
 */
enum IoSyntax {
    CREAT("P", a -> new IoOp.Creat(a.word("P"))),
    MKDIR("P", a -> new IoOp.Mkdir(a.word("P"))),
    PWRITE("P OFF LEN [-S byte]", a ->
            new IoOp.PWrite(a.word("P"), a.size("OFF"), a.size("LEN"),
                    a.byteOption('S', IoOp.DEFAULT_FILL))),
    PREAD("P OFF LEN", a -> new IoOp.PRead(a.word("P"), a.size("OFF"), a.size("LEN"))),
    MMAP("P OFF LEN [-s sync|shared|private]", a ->
            new IoOp.MMap(a.word("P"), a.size("OFF"), a.size("LEN"),
                    a.choiceOption('s', IoOp.MapKind.SHARED))),
    MWRITE("P OFF LEN [-S byte]", a ->
            new IoOp.MWrite(a.word("P"), a.size("OFF"), a.size("LEN"),
                    a.byteOption('S', IoOp.DEFAULT_FILL))),
    MREAD("P OFF LEN", a -> new IoOp.MRead(a.word("P"), a.size("OFF"), a.size("LEN"))),
    PERSIST("P OFF LEN", a -> new IoOp.Persist(a.word("P"), a.size("OFF"), a.size("LEN"))),
    MSYNC("P", a -> new IoOp.MSync(a.word("P"))),
    FSYNC("P", a -> new IoOp.FSync(a.word("P"))),
    FDATASYNC("P", a -> new IoOp.FDataSync(a.word("P"))),
    SYNC("", a -> new IoOp.Sync()),
    TRUNCATE("P LEN", a -> new IoOp.Truncate(a.word("P"), a.size("LEN"))),
    FALLOC("P OFF LEN [-k|-w]", a ->
            new IoOp.FAlloc(a.word("P"), a.size("OFF"), a.size("LEN"),
                    a.oneOf(IoOp.AllocateMode.EXTEND,
                            Map.of('k', IoOp.AllocateMode.KEEP_SIZE,
                                    'w', IoOp.AllocateMode.WRITE_ZEROES)))),
    FPUNCH("P OFF LEN", a -> new IoOp.FPunch(a.word("P"), a.size("OFF"), a.size("LEN"))),
    FZERO("P OFF LEN", a -> new IoOp.FZero(a.word("P"), a.size("OFF"), a.size("LEN"))),
    LINK("A B", a -> new IoOp.Link(a.word("A"), a.word("B"))),
    SYMLINK("T P", a -> new IoOp.Symlink(a.word("T"), a.word("P"))),
    RENAME("A B [-n|-x]", a ->
            new IoOp.Rename(a.word("A"), a.word("B"), a.oneOf(IoOp.RenameMode.REPLACE,
                    Map.of('n', IoOp.RenameMode.NO_REPLACE, 'x', IoOp.RenameMode.EXCHANGE)))),
    UNLINK("P", a -> new IoOp.Unlink(a.word("P"))),
    RMDIR("P", a -> new IoOp.Rmdir(a.word("P"))),
    SETFATTR("P N V", a -> new IoOp.SetFAttr(a.word("P"), a.word("N"), a.word("V"))),
    RMFATTR("P N", a -> new IoOp.RmFAttr(a.word("P"), a.word("N"))),
    SEEK("P data|hole OFF", a -> new IoOp.Seek(
            a.word("P"), a.choice("data|hole", IoOp.SeekKind.class), a.size("OFF"))),
    FIEMAP("P", a -> new IoOp.FieMap(a.word("P"))),
    STAT("P", a -> new IoOp.Stat(a.word("P"))),
    CHECKPOINT("", a -> new IoOp.Checkpoint()),
    CRASH("[-s seed]", a -> new IoOp.Crash(a.longOption('s')));

    private static final Map<String, IoSyntax> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(IoSyntax::opName, syntax -> syntax));

    private final String arguments;
    private final Function<IoArguments, IoOp> reader;

    IoSyntax(String arguments, Function<IoArguments, IoOp> reader) {
        this.arguments = arguments;
        this.reader = reader;
    }

    /** Returns the operation of that name, or null. */
    static IoSyntax named(String name) {
        return BY_NAME.get(name);
    }

    String opName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the usage line: {@code pread P OFF LEN}. */
    String usage() {
        return arguments.isEmpty() ? opName() : opName() + " " + arguments;
    }

    IoOp read(IoArguments words) {
        return reader.apply(words);
    }
}
