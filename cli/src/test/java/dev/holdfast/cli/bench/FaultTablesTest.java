package dev.holdfast.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FaultTablesTest {
    private static FaultRow row(FaultCell cell, long... nanos) {
        return FaultRow.of(new FaultRow.Key("software", cell),
                List.of(new FaultSample(LongStream.of(nanos).sorted().toArray(), 4, 8, 0)));
    }

    private static FaultCell cell(FaultCase state, boolean sync) {
        return new FaultCell(state, Load.IDLE, sync, FaultCell.SMALL_PAGE_BYTES);
    }

    @Test
    @DisplayName("the table has the rows and columns of the original measurement")
    void theTableIsThatOfTheOriginalMeasurement() {
        List<FaultRow> rows = FaultBench.originalCells().stream()
                .map(cell -> row(cell, 500, 8_000, 15_999, 130_000)).toList();

        List<String> lines = FaultTables.original(rows).toText().lines().toList();

        assertThat(lines.getFirst().split("\\s{2,}")).containsExactly("case", "min", "avg", "max",
                "0-1", "1-2", "2-4", "4-8", "8-15", "16-31", "32-63", "64-127", "128-255", "256+");
        assertThat(lines.subList(1, 7)).extracting(line -> line.split("\\s{2,}")[0])
                .containsExactly("preallocated, idle, no MAP_SYNC", "preallocated, idle, MAP_SYNC",
                        "empty, idle, no MAP_SYNC", "empty, idle, MAP_SYNC",
                        "empty, background copy, no MAP_SYNC", "empty, background copy, MAP_SYNC");
        assertThat(lines.get(1).split("\\s{2,}")).containsExactly("preallocated, idle, no MAP_SYNC",
                "0.50", "38.62", "130", "1", "-", "-", "-", "2", "-", "-", "-", "1", "-");
    }

    @Test
    void everyTimeIsInOneBucket() {
        long[] nanos = IntStream.range(0, 600).mapToLong(i -> i * 997L).toArray();
        String json = FaultTables.reports(List.of(row(cell(FaultCase.EMPTY, true), nanos)))
                .getFirst().toJson();

        long sum = json.substring(json.indexOf("histogramMicros")).lines()
                .filter(line -> line.matches(" +\"[0-9].*"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*: (\\d+),?", "$1"))).sum();

        assertThat(sum).isEqualTo(600);
    }

    @Test
    void aPairOfRowsGivesDifferenceAndRatio() {
        String text = FaultTables.ratios(List.of(row(cell(FaultCase.EMPTY, false), 400),
                row(cell(FaultCase.EMPTY, true), 600))).toText();

        assertThat(text.lines().toList().get(1).split("\\s{2,}"))
                .containsExactly("empty, idle", "0.40", "0.60", "0.20", "1.50");
    }

    @Test
    void theMedianRoundIsShownWithTheSpreadOfAll() {
        FaultRow row = FaultRow.of(new FaultRow.Key("software", cell(FaultCase.EMPTY, true)),
                LongStream.of(900, 300, 500).mapToObj(nanos ->
                        new FaultSample(new long[] {nanos}, 1, 1, 0)).toList());

        assertThat(row.p50Nanos()).isEqualTo(500);
        assertThat(row.lowestP50Nanos()).isEqualTo(300);
        assertThat(row.highestP50Nanos()).isEqualTo(900);
        assertThat(row.barriersPerFault()).isEqualTo(1);
    }

    @Test
    void theHandlersTimeIsAColumnWhereThereIsAHandler() {
        FaultRow served = FaultRow.of(new FaultRow.Key("userfaultfd", cell(FaultCase.EMPTY, true)),
                List.of(new FaultSample(new long[] {9_000}, 1, 1, 1, 4_200)));

        assertThat(FaultTables.figures(List.of(served)).toText().lines().toList().get(1))
                .endsWith("4.20");
        assertThat(FaultTables.reports(List.of(served)).getFirst().toJson())
                .contains("\"handlerNanosPerFault\": 4200");
        assertThat(FaultTables.figures(List.of(row(cell(FaultCase.EMPTY, true), 400))).toText())
                .doesNotContain("handler");
    }

    @Test
    void percentilesAreThoseOfTheNearestRank() {
        FaultSample sample = new FaultSample(LongStream.rangeClosed(1, 100).toArray(), 0, 0, 0);

        assertThat(sample.percentileNanos(50)).isEqualTo(50);
        assertThat(sample.percentileNanos(99)).isEqualTo(99);
        assertThat(sample.percentileNanos(0)).isEqualTo(1);
        assertThat(sample.percentileNanos(100)).isEqualTo(100);
        assertThat(sample.avgNanos()).isEqualTo(50);
    }
}
