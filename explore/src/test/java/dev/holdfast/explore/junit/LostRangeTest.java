package dev.holdfast.explore.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.explore.Exploration.Loss;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What was lost is told in as few words as it takes. */
class LostRangeTest {
    private static final int DURABLE = -1;

    private static Loss line(long deviceOffset, String place) {
        return new Loss(deviceOffset, 64, DURABLE, place);
    }

    private static List<String> told(Loss... pieces) {
        return LostRange.of(Arrays.asList(pieces)).stream().map(LostRange::toString).toList();
    }

    @Test
    void piecesOfAFileThatMeetAreOneRange() {
        assertThat(told(line(8256, "/a at 64"), line(8192, "/a at 0"), line(8320, "/a at 128")))
                .containsExactly("/a bytes 0 to 191");
    }

    @Test
    void whatMeetsOnTheMediumOnlyIsNot() {
        assertThat(told(line(8192, "/a at 4032"), line(8256, "/b at 0"), line(8320, "/b at 4096")))
                .containsExactly("/a bytes 4032 to 4095", "/b bytes 0 to 63",
                "/b bytes 4096 to 4159");
    }

    @Test
    void whatShowsAnEarlierStoreIsToldApart() {
        List<LostRange> ranges = LostRange.of(List.of(
                line(8192, "/a at 0"), new Loss(8256, 64, 7, "/a at 64")));

        assertThat(ranges).extracting(LostRange::stale).containsExactly(false, true);
    }

    @Test
    void linesOfOneLogRecordAreOneRange() {
        assertThat(told(line(0, "log record at LSN 7"), line(64, "log record at LSN 7, line 1"),
                line(128, "log record at LSN 7, line 2"), line(192, "log record at LSN 10")))
                .containsExactly("log record at LSN 7", "log record at LSN 10");
    }

    @Test
    void aLineInTheMiddleOfARecordSaysWhich() {
        assertThat(told(line(64, "log record at LSN 7, line 1")))
                .containsExactly("log record at LSN 7, line 1");
    }

    @Test
    void otherMetadataStandsForItself() {
        assertThat(told(line(0, "superblock slot 0 at 0"), line(64, "superblock slot 0 at 64")))
                .containsExactly("superblock slot 0 at 0", "superblock slot 0 at 64");
    }

    @Test
    void aPathMayHoldTheWordAt() {
        assertThat(told(line(0, "/look at me at 128")))
                .containsExactly("/look at me bytes 128 to 191");
    }
}
