package dev.holdfast.fs;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.ArrayList;
import java.util.List;

/**
 * A POSIX access control list, in the form in which Linux programs set it: version 4 bytes, then
 * entries of tag 2, permissions 2, who 4. Valid, and with entries in order. Immutable.
 */
record Acl(List<Entry> entries) {
    static final String ACCESS = "system.posix_acl_access";
    static final String DEFAULT = "system.posix_acl_default";

    private static final int VERSION = 2;
    private static final int HEADER_BYTES = 4;
    private static final int ENTRY_BYTES = 8;
    private static final int OWNER = 1;
    private static final int USER = 1 << 1;
    private static final int OWNING_GROUP = 1 << 2;
    private static final int GROUP = 1 << 3;
    private static final int MASK = 1 << 4;
    private static final int OTHERS = 1 << 5;
    private static final int RIGHTS = 7;

    /** What somebody may do; {@code who} matters for named users and groups only. */
    record Entry(int tag, int rights, int who) {
        private Entry may(int newRights) {
            return new Entry(tag, newRights, who);
        }
    }

    static boolean isAcl(String name) {
        return name.equals(ACCESS) || name.equals(DEFAULT);
    }

    /** Decodes a list that somebody sets; INVALID if it is none. */
    static Acl decode(byte[] value, String what) throws HoldfastException {
        int bytes = value.length - HEADER_BYTES;
        require(bytes > 0 && bytes % ENTRY_BYTES == 0
                && LittleEndian.getInt(value, 0) == VERSION, what);
        List<Entry> entries = new ArrayList<>(bytes / ENTRY_BYTES);
        for (int at = HEADER_BYTES; at < value.length; at += ENTRY_BYTES) {
            entries.add(new Entry(LittleEndian.getShort(value, at),
                    LittleEndian.getShort(value, at + 2),
                    LittleEndian.getInt(value, at + 4)));
        }
        requireValid(entries, what);
        return new Acl(List.copyOf(entries));
    }

    /** Each tag once but the named ones, in order of tags; names need a mask. */
    private static void requireValid(List<Entry> entries, String what) throws HoldfastException {
        int seen = 0;
        for (Entry entry : entries) {
            boolean isNamed = entry.tag == USER || entry.tag == GROUP;
            boolean follows = isNamed ? seen < entry.tag << 1 : seen < entry.tag;
            require(Integer.bitCount(entry.tag) == 1 && entry.tag <= OTHERS && follows
                    && (entry.rights & ~RIGHTS) == 0, what);
            seen |= entry.tag;
        }
        int needed = OWNER | OWNING_GROUP | OTHERS | ((seen & (USER | GROUP)) != 0 ? MASK : 0);
        require((seen & needed) == needed, what);
    }

    private static void require(boolean condition, String what) throws HoldfastException {
        if (!condition) {
            throw new HoldfastException(ErrorCode.INVALID, what + ": not an access control list");
        }
    }

    byte[] encode() {
        byte[] value = new byte[HEADER_BYTES + ENTRY_BYTES * entries.size()];
        LittleEndian.putInt(value, 0, VERSION);
        int at = HEADER_BYTES;
        for (Entry entry : entries) {
            LittleEndian.putShort(value, at, entry.tag);
            LittleEndian.putShort(value, at + 2, entry.rights);
            LittleEndian.putInt(value, at + 4, entry.who);
            at += ENTRY_BYTES;
        }
        return value;
    }

    /** Tells whether mode bits say all that this list says. */
    boolean isMode() {
        return entries.stream().allMatch(entry -> shift(entry.tag, false) >= 0);
    }

    /** Returns a mode with the rights of this list: the group's bits are those of the mask. */
    int applyTo(int mode) {
        int result = mode & ~0777;
        for (Entry entry : entries) {
            int shift = shift(entry.tag, hasMask());
            result |= shift < 0 ? 0 : entry.rights << shift;
        }
        return result;
    }

    /** Returns this list after a chmod. */
    Acl withMode(int mode) {
        boolean hasMask = hasMask();
        return new Acl(entries.stream().map(entry -> {
            int shift = shift(entry.tag, hasMask);
            return shift < 0 ? entry : entry.may(mode >> shift & RIGHTS);
        }).toList());
    }

    /** Returns this list, a directory's default, as what is made there with a mode gets it. */
    Acl inherited(int mode) {
        boolean hasMask = hasMask();
        return new Acl(entries.stream().map(entry -> {
            int shift = shift(entry.tag, hasMask);
            return shift < 0 ? entry : entry.may(entry.rights & mode >> shift);
        }).toList());
    }

    private boolean hasMask() {
        return entries.stream().anyMatch(entry -> entry.tag == MASK);
    }

    /** Returns where a mode has the rights of a tag, or -1. */
    private static int shift(int tag, boolean hasMask) {
        return switch (tag) {
            case OWNER -> 6;
            case OWNING_GROUP -> hasMask ? -1 : 3;
            case MASK -> hasMask ? 3 : -1;
            case OTHERS -> 0;
            default -> -1;
        };
    }
}
