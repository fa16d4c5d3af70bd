package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.Vif;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What QEMU is told because of an image's property, for each of those that {@code
 * docs/advertised/image-properties.txt} says to have such an effect. That the file has them all is
 * seen by compute's {@code AdvertisedTest}.
 */
class ImagePropertyEffectTest {

  private static String arguments(Map<String, String> properties) throws HostException {
    UUID id = new UUID(1, 2);
    GuestRecord guest =
        new GuestRecord(
            id,
            "guest",
            2,
            512,
            id,
            false,
            1L << 30,
            0,
            List.of(new Vif(id, "fa:16:3e:01:02:03", 1442)),
            Optional.of("config-0.iso"),
            properties,
            64_100,
            Optional.empty());
    return String.join(
        "\n",
        CommandLine.of(
            guest,
            GuestHardware.of(properties),
            new CommandLine.Surroundings(
                "tcg", 32, false, Path.of("/data/images"), Path.of("/data/run"))));
  }

  @TestFactory
  List<DynamicTest> eachHasItsEffect() throws IOException {
    Path table =
        Path.of(System.getProperty("lastmile.root"), "docs/advertised/image-properties.txt");
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : Files.readAllLines(table)) {
      String[] columns = line.split(" {2,}", 3);
      if (columns[1].startsWith("qemu")) {
        tests.add(
            DynamicTest.dynamicTest(
                columns[0], () -> check(columns[0], columns[1].equals("qemu"), columns[2])));
      }
    }
    assertThat(tests).hasSizeGreaterThan(20);
    return tests;
  }

  private static void check(String all, boolean there, String detail) throws HostException {
    Map<String, String> with = new HashMap<>();
    for (String each : all.split(",", -1)) {
      with.put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
    }
    Map<String, String> without = new HashMap<>(with);
    without.remove(all.substring(0, all.indexOf('=')));

    assertThat(arguments(with).contains(detail)).as("with it").isEqualTo(there);
    assertThat(arguments(without).contains(detail)).as("without it").isEqualTo(!there);
  }
}
