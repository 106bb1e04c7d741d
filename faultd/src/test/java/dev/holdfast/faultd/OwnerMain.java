package dev.holdfast.faultd;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.faultd.keeper.Keeper;
import dev.holdfast.faultd.keeper.Worker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A keeper in a process of its own, and the workers it starts. */
public final class OwnerMain {
    private OwnerMain() {}

    public static void main(String[] arguments) throws Exception {
        Path volume = Path.of(arguments[1]);
        if (arguments[0].equals("worker")) {
            Worker.run(Integer.parseInt(arguments[2]), withheld -> Volume.open(
                    volume, VolumeLab.withheld(VolumeOptions.defaults(), withheld)),
                    opened -> () -> { });
            System.exit(0);
        }
        List<String> command = new ArrayList<>(Child.command(List.of(), OwnerMain.class));
        command.addAll(List.of("worker", volume.toString()));
        Keeper keeper = new Keeper(Path.of(arguments[2]), command,
                new Keeper.Limits(Integer.parseInt(arguments[3]), 60_000_000_000L),
                () -> say("serving"));
        Thread.ofPlatform().daemon().start(() -> listen(keeper));
        say(keeper.run() + " " + keeper.exitStatus());
        System.exit(0);
    }

    private static void listen(Keeper keeper) {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                say(Integer.toString(keeper.workerPid()));
            }
        } catch (IOException e) {
            // The test has ended, and so does this.
        }
        keeper.stop();
    }

    private static void say(String answer) {
        System.out.println(answer);
        System.out.flush();
    }
}
