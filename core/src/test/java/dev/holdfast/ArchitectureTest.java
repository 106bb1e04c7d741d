package dev.holdfast;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.Architectures;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The layers of docs/architecture.md, and house rules that a machine can hold. */
class ArchitectureTest {
    /** Without tests: what lies where the public API was loaded from. */
    private static final JavaClasses CORE = new ClassFileImporter()
            .importUrl(Volume.class.getProtectionDomain().getCodeSource().getLocation());
    /** All modules, their tests, and the examples. */
    private static final Path PROJECT = Path.of("..");
    private static final int MAX_LINES = 500;
    private static final int MAX_COLUMNS = 100;

    @Test
    void layersUseOnlyLayersBelow() {
        Architectures.layeredArchitecture().consideringOnlyDependenciesInLayers()
                .layer("api").definedBy("dev.holdfast")
                .layer("fs").definedBy("dev.holdfast.fs")
                .layer("dax").definedBy("dev.holdfast.dax")
                .layer("mm").definedBy("dev.holdfast.mm")
                .layer("stores").definedBy("dev.holdfast.alloc", "dev.holdfast.tree",
                "dev.holdfast.log")
                .layer("iomap").definedBy("dev.holdfast.iomap")
                .layer("device").definedBy("dev.holdfast.device")
                .layer("ffm").definedBy("dev.holdfast.ffm")
                .layer("words").definedBy("dev.holdfast.error", "dev.holdfast.mutant",
                        "dev.holdfast.file", "dev.holdfast.codec")
                .whereLayer("api").mayNotBeAccessedByAnyLayer()
                .whereLayer("fs").mayOnlyBeAccessedByLayers("api")
                .whereLayer("dax").mayOnlyBeAccessedByLayers("api", "fs")
                .whereLayer("mm").mayOnlyBeAccessedByLayers("api", "fs", "dax")
                .whereLayer("stores").mayOnlyBeAccessedByLayers("api", "fs")
                .whereLayer("iomap").mayOnlyBeAccessedByLayers("fs", "dax")
                .whereLayer("device").mayOnlyBeAccessedByLayers("api", "fs", "dax", "mm", "stores")
                .whereLayer("ffm").mayOnlyBeAccessedByLayers("device")
                .check(CORE);
    }

    @Test
    void theStoresDoNotKnowEachOther() {
        for (String store : List.of("alloc", "tree", "log")) {
            String[] others = Stream.of("alloc", "tree",
                    "log").filter(other -> !other.equals(store))
                    .map(other -> "dev.holdfast." + other).toArray(String[]::new);
            noClasses().that().resideInAPackage("dev.holdfast." + store)
                    .should().dependOnClassesThat().resideInAnyPackage(others).check(CORE);
        }
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("dev.holdfast.(*)..").should().beFreeOfCycles().check(CORE);
    }

    @Test
    void onlyOnePackageMakesForeignCalls() {
        noClasses().that().resideOutsideOfPackage("dev.holdfast.ffm").should()
                .dependOnClassesThat().haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould().dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.SymbolLookup").check(CORE);
    }

    @Test
    void wordsDependOnNothingOfOurs() {
        String[] words = {"dev.holdfast.error", "dev.holdfast.mutant", "dev.holdfast.file",
            "dev.holdfast.codec"};
        classes().that().resideInAnyPackage(words).should().onlyDependOnClassesThat()
                .resideInAnyPackage(Stream.concat(Stream.of("java.."), Stream.of(words))
                        .toArray(String[]::new)).check(CORE);
    }

    @Test
    void theCoreNeitherSleepsNorPrintsNorOpensInterruptibleChannels() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class)
                .orShould().callMethod(Thread.class, "sleep", java.time.Duration.class)
                .orShould().callMethod(System.class, "gc")
                .orShould().dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.channels.FileChannel").check(CORE);
        noClasses().that().doNotHaveSimpleName("PrintingTracer")
                .should().accessField(System.class, "out")
                .orShould().accessField(System.class, "err").check(CORE);
    }

    @Test
    void publicClassesAreFinalOrMadeToBeExtended() {
        classes().that().arePublic().and().areNotAssignableTo(Throwable.class)
                .and().areNotInterfaces().and().areNotEnums()
                .and().doNotHaveModifier(com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT)
                .should().haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL)
                .check(CORE);
    }

    @Test
    void filesAndLinesAreOfAReadableSize() throws IOException {
        for (Path file : sources()) {
            List<String> lines = Files.readAllLines(file);
            assertThat(lines.size()).as("lines of %s", file).isLessThanOrEqualTo(MAX_LINES);
            for (int i = 0; i < lines.size(); i++) {
                assertThat(lines.get(i).length()).as("columns of %s:%s", file, i + 1)
                        .isLessThanOrEqualTo(MAX_COLUMNS);
            }
        }
    }

    private static List<Path> sources() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> folders =
                Files.newDirectoryStream(PROJECT, Files::isDirectory)) {
            for (Path folder : folders) {
                Path sources = folder.endsWith("examples") ? folder : folder.resolve("src");
                if (Files.isDirectory(sources)) {
                    try (Stream<Path> walk = Files.walk(sources)) {
                        walk.filter(path -> path.toString().endsWith(".java")).forEach(files::add);
                    }
                }
            }
        }
        assertThat(files).hasSizeGreaterThan(500);
        return files;
    }
}
