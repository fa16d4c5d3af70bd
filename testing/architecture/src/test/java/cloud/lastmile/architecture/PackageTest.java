package cloud.lastmile.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A package holds one noun or one idea, and can be read by itself: it is small, it is in no circle
 * with others, and what is inside a service is nobody else's business.
 */
class PackageTest {
  private static final int LARGEST = 25;

  /** Packages from before the rule, with their numbers of files, which may only fall. */
  private static final Map<String, Integer> TOO_LARGE =
      Map.of(
          "drivers/hypervisor-qemu/src/main/java/cloud/lastmile/qemu", 32,
          "platform/src/main/java/cloud/lastmile/platform/database", 28,
          "platform/src/main/java/cloud/lastmile/platform/http", 40,
          "services/identity/src/test/java/cloud/lastmile/identity", 37);

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("cloud.lastmile");

  /** Java files by folder, relative to the repository. */
  private static Map<String, Integer> sizes() {
    try (Stream<Path> files = Files.walk(Modules.ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(file -> Modules.ROOT.relativize(file.getParent()).toString())
          .filter(folder -> folder.contains("src/") && !folder.contains("target/"))
          .collect(
              Collectors.groupingBy(each -> each, TreeMap::new, Collectors.summingInt(_ -> 1)));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Test
  void packagesAreSmall() {
    Map<String, Integer> large = new TreeMap<>(sizes());
    large.values().removeIf(files -> files <= LARGEST);
    assertThat(large).isEqualTo(TOO_LARGE);
  }

  private static SliceAssignment packages(String root) {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        return DependencyTest.isWithin(type, root)
            ? SliceIdentifier.of(type.getPackageName())
            : SliceIdentifier.ignore();
      }

      @Override
      public String getDescription() {
        return "packages of " + root;
      }
    };
  }

  @Test
  void packagesOfAServiceAreInNoCircle() {
    for (String service : Modules.services()) {
      slices()
          .assignedFrom(packages(Modules.packageOf(service)))
          .should()
          .beFreeOfCycles()
          .check(ALL);
    }
  }

  @Test
  void packagesOfThePlatformAreInNoCircle() {
    slices().assignedFrom(packages("cloud.lastmile.platform")).should().beFreeOfCycles().check(ALL);
  }

  /** What drivers see: the interface that they implement, and what it speaks of. */
  private static boolean isForDrivers(JavaClass type) {
    return type.getPackageName().endsWith(".backend") || type.getPackageName().endsWith(".address");
  }

  /** What others see of a service: its root, which the app wires, and its {@code api}. */
  @Test
  void othersSeeOnlyTheRootAndTheApiOfAService() {
    for (String service : Modules.services()) {
      String root = Modules.packageOf(service);
      Predicate<JavaClass> inside =
          type ->
              DependencyTest.isWithin(type, root)
                  && !type.getPackageName().equals(root)
                  && !type.getPackageName().equals(root + ".api")
                  && !isForDrivers(type);
      noClasses()
          .that(describe("are outside " + service, type -> !DependencyTest.isWithin(type, root)))
          .should()
          .dependOnClassesThat(describe("are inside " + service, inside))
          .check(ALL);
    }
  }
}
