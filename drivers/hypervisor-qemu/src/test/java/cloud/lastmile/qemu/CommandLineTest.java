package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.Vif;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Holds QEMU's arguments in golden files, {@code src/test/resources/command-line}. {@code
 * -Dlastmile.golden=write} rewrites them.
 */
class CommandLineTest {
  private static final UUID GUEST = UUID.fromString("1f6e1f3e-8d0f-4d5b-9c0b-7f1f5a6c1d2e");
  private static final UUID IMAGE = UUID.fromString("9b2d3c4e-0a1b-4c5d-8e9f-001122334455");
  private static final UUID PORT = UUID.fromString("0c7a0a59-6d6c-4a55-93a5-1d1f0b0a0c0d");

  private static GuestRecord record(boolean cdrom, Map<String, String> hardware) {
    return new GuestRecord(
        GUEST,
        "web-1",
        2,
        512,
        IMAGE,
        cdrom,
        1L << 30,
        3,
        List.of(new Vif(PORT, "fa:16:3e:01:02:03", 1442)),
        Optional.of("config-0123456789abcdef.iso"),
        hardware,
        64_100);
  }

  @Test
  void ordinaryGuestUnderTcg() throws Exception {
    assertGolden("tcg", "tcg", record(false, Map.of()));
  }

  @Test
  void ordinaryGuestOnKvm() throws Exception {
    assertGolden("kvm", "kvm", record(false, Map.of()));
  }

  @Test
  void guestBootedFromAnIso() throws Exception {
    assertGolden("iso", "tcg", record(true, Map.of("hw_disk_bus", "sata")));
  }

  @Test
  void windowsOnScsi() throws Exception {
    Map<String, String> hardware =
        Map.of(
            "hw_disk_bus", "scsi",
            "hw_vif_model", "e1000e",
            "hw_video_model", "none",
            "hw_machine_type", "pc-q35-7.2",
            "os_type", "windows");
    assertGolden("windows", "kvm", record(false, hardware));
  }

  private static void assertGolden(String name, String accelerator, GuestRecord record)
      throws IOException, HostException {
    List<String> arguments =
        CommandLine.of(
            record,
            GuestHardware.of(record.hardware()),
            new CommandLine.Surroundings(
                accelerator,
                32,
                false,
                Path.of("/data/images/" + IMAGE + ".raw"),
                Path.of("/data/guests/a,b/run")));
    Path golden =
        Path.of(
            System.getProperty("lastmile.root"),
            "drivers/hypervisor-qemu/src/test/resources/command-line/" + name + ".txt");
    if ("write".equals(System.getProperty("lastmile.golden"))) {
      Files.createDirectories(golden.getParent());
      Files.write(golden, arguments);
    }
    assertThat(arguments).isEqualTo(Files.readAllLines(golden));
  }
}
