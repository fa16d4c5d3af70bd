package cloud.lastmile.compute.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestHardware.Firmware;
import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.compute.flavor.ExtraSpecs;
import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.platform.core.ApiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Image properties and flavors' extra specs: each that the code knows is in {@code
 * docs/advertised}, and has the effect that is said there. Those on QEMU's arguments are looked at
 * by {@code ImagePropertyEffectTest}.
 */
class AdvertisedTest {
  private static final Path ROOT = Path.of(System.getProperty("lastmile.root"));

  /** A property's name as a text in the code. */
  private static final Pattern PROPERTY = Pattern.compile("\"((?:hw|os|img)_[a-z_]*[a-z])\"");

  private record Entry(String name, String value, String effect, String detail) {
    static Entry of(String line) {
      String[] columns = line.split(" {2,}| (?=refused$)", 3);
      String first = columns[0].split(",", 2)[0];
      return new Entry(
          first.substring(0, first.indexOf('=')),
          first.substring(first.indexOf('=') + 1),
          columns[1].strip(),
          columns.length > 2 ? columns[2].strip() : "");
    }

    boolean covers(String other) {
      return name.endsWith("*")
          ? other.startsWith(name.substring(0, name.length() - 1))
          : name.equals(other);
    }

    /** A name that it stands for. */
    String sample() {
      return name.endsWith("*")
          ? ExtraSpecs.names().stream().filter(this::covers).sorted().findFirst().orElseThrow()
          : name;
    }
  }

  private static List<Entry> table(String name) {
    try {
      return Files.readAllLines(ROOT.resolve("docs/advertised/" + name)).stream()
          .map(Entry::of)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final List<Entry> PROPERTIES = table("image-properties.txt");
  private static final List<Entry> SPECS = table("flavor-extra-specs.txt");

  private static List<Path> sources(String... folders) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String folder : folders) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
        sources.addAll(files.filter(file -> file.toString().endsWith(".java")).toList());
      }
    }
    return sources;
  }

  @Test
  void everyPropertyThatTheCodeKnowsIsThere() throws IOException {
    Set<String> known = new TreeSet<>();
    for (Path source :
        sources("agent/src/main", "services/compute/src/main", "services/image/src/main")) {
      Matcher names = PROPERTY.matcher(Files.readString(source));
      while (names.find()) {
        known.add(names.group(1));
      }
    }
    known.addAll(ImageProperties.names());
    known.removeIf(name ->
        PROPERTIES.stream()
            .anyMatch(entry -> entry.covers(name) || entry.name().startsWith(name + ".")));
    // Of an image itself, or of its import.
    known.removeIf(name -> name.startsWith("os_glance") || name.startsWith("os_hash"));
    known.remove("os_hidden");
    assertThat(known).isEmpty();
  }

  @Test
  void everyExtraSpecThatTheCodeKnowsIsThere() {
    assertThat(
            ExtraSpecs.names().stream()
                .filter(name -> SPECS.stream().noneMatch(entry -> entry.covers(name))))
        .isEmpty();
  }

  /** What the reference would not take from 2.86 on is no spec that we may speak of. */
  @Test
  void everyExtraSpecIsOneThatTheReferenceKnows() {
    for (Entry entry : SPECS) {
      try {
        ExtraSpecs.check(entry.sample(), entry.value());
      } catch (ApiException refused) {
        assertThat(refused).hasMessageNotContaining("does not appear");
      }
    }
  }

  @TestFactory
  List<DynamicTest> eachPropertyHasItsEffect() {
    return PROPERTIES.stream()
        .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> check(entry, true)))
        .toList();
  }

  @TestFactory
  List<DynamicTest> eachSpecHasItsEffect() {
    return SPECS.stream()
        .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> check(entry, false)))
        .toList();
  }

  private static void check(Entry entry, boolean image) throws IOException {
    switch (entry.effect()) {
      case "qemu", "qemu-not" -> assertThat(entry.detail()).isNotEmpty();
      case "refused" -> assertRefused(entry, image);
      case "ignored" -> {
        assertThat(entry.detail()).isNotEmpty();
        require(entry, image);
      }
      case "property" -> assertBecomes(entry);
      case "test" -> assertTested(entry);
      default -> throw new AssertionError("no effect: " + entry);
    }
  }

  private static void require(Entry entry, boolean image) {
    Map<String, String> given = Map.of(entry.sample(), entry.value());
    HostFacts host =
        new HostFacts(
            "host1",
            "QEMU",
            7_002_000,
            "kvm",
            4,
            4096,
            10,
            "any",
            Set.of("pc", "q35"),
            EnumSet.allOf(Firmware.class));
    Hardware.require(image ? given : Map.of(), flavor(image ? Map.of() : given), List.of(host));
  }

  private static ServerFlavor flavor(Map<String, String> specs) {
    return new ServerFlavor("1", "m1", 4, 512, 1, 0, 0, specs);
  }

  private static void assertRefused(Entry entry, boolean image) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> require(entry, image))
        .satisfies(refusal -> assertThat(refusal.kind().status()).isEqualTo(400))
        .withMessageContaining(entry.sample());
  }

  /** What a flavor says is as if the image did, which in turn is in the other table. */
  private static void assertBecomes(Entry entry) {
    Map<String, String> plain = Hardware.of(Map.of(), flavor(Map.of()));
    Map<String, String> with = Hardware.of(Map.of(), flavor(Map.of(entry.sample(), entry.value())));

    assertThat(with).containsKey(entry.detail());
    assertThat(with.get(entry.detail())).isNotEqualTo(plain.get(entry.detail()));
    require(entry, false);
  }

  private static void assertTested(Entry entry) throws IOException {
    String type = entry.detail().substring(0, entry.detail().indexOf('#'));
    String method = entry.detail().substring(entry.detail().indexOf('#') + 1);
    Path source =
        sources("services/compute/src/test", "services/image/src/test").stream()
            .filter(file -> file.endsWith(type + ".java"))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no test " + type));
    String text = Files.readString(source);
    int start = text.indexOf("  void " + method + "(");
    assertThat(start).as(entry.detail()).isPositive();
    // With the values that it is given, which stand before it.
    int from = Math.max(0, text.lastIndexOf("\n\n", start));
    String body = text.substring(from, text.indexOf("\n  }\n", start));
    String name = entry.name().startsWith("trait:") ? "trait:" : entry.name();
    assertThat(body).as(entry.detail()).contains(name.replace("hw_auto_", "auto_"));
  }
}
