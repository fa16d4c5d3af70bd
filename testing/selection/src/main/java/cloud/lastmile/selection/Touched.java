package cloud.lastmile.selection;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What changed files mean for the tests.
 *
 * @param everything something that all depend on, or that is not understood
 * @param conformance what runs Tempest
 * @param onlyDocs nothing but what no test reads
 */
record Touched(boolean everything, boolean conformance, boolean onlyDocs, Set<String> modules) {
  /** These carry all others, the last by deciding what of them runs. */
  private static final Set<String> CARRIERS =
      Set.of("platform", "testing/kit", "testing/selection");

  /** Documents that tests read, and whose. */
  static final Map<String, Set<String>> READ_BY =
      Map.of(
          "docs/routes.txt", Set.of("app"),
          "docs/front/", Set.of("app"),
          "docs/openapi/", Set.of("app"),
          "docs/advertised/", Set.of("services/compute", "drivers/hypervisor-qemu"),
          "docs/identity-", Set.of("services/identity"));

  /**
   * What runs write, which decides no test: only whether a machine other than the writer's is fit.
   */
  static final Set<String> LEDGERS = Set.of(Ledger.FILE, Flakes.FILE);

  static Touched by(Set<String> files, Modules modules) {
    boolean everything = false;
    boolean conformance = false;
    boolean docs = !files.isEmpty();
    Set<String> touched = new TreeSet<>();
    for (String file : files) {
      if (isDocument(file)) {
        continue;
      }
      docs = false;
      Set<String> owners = owners(file, modules);
      if (file.startsWith("conformance/")) {
        conformance = true;
      } else if (owners.isEmpty() || owners.stream().anyMatch(CARRIERS::contains)) {
        everything |= !LEDGERS.contains(file);
      }
      touched.addAll(owners);
    }
    return new Touched(everything, conformance, docs, Set.copyOf(touched));
  }

  /** What is only read by people, and by the shell check. A text among sources may be a test's. */
  private static boolean isDocument(String file) {
    boolean text = file.endsWith(".md") && !file.contains("/src/");
    return text || file.equals("LICENSE") || file.startsWith("bench/");
  }

  private static Set<String> owners(String file, Modules modules) {
    Set<String> owners = new TreeSet<>();
    READ_BY.forEach((prefix, readers) -> {
      if (file.startsWith(prefix)) {
        owners.addAll(readers);
      }
    });
    Optional<String> module = modules.of(file);
    module.ifPresent(owners::add);
    return owners;
  }

  boolean affects(Part part, Modules modules) {
    if (everything) {
      return true;
    }
    Set<String> reached = modules.dependents(this.modules);
    return switch (part.check()) {
      case Part.TESTS, Part.EXTERNAL_DATABASE -> reached.contains(part.of());
      case Part.CONFORMANCE -> conformance || affectsService(part.of(), reached, modules);
      // A full Debian boots: what compute depends on, and compute.
      case "cloud-init" -> affectsService("compute", reached, modules);
      // Only what builds the image: its directory and bin/, which are everything's.
      case "guest-image" -> false;
      // The others run always; see Selection.
      default -> true;
    };
  }

  /**
   * Whether what a client of a service sees may have changed: the service, the program around it,
   * or an engine that it, or what it needs, gives its work to. A service that is no module, such as
   * Tempest's scenarios, is affected by everything.
   */
  private boolean affectsService(String service, Set<String> reached, Modules modules) {
    String module = "services/" + service;
    if (!modules.needs().containsKey(module)
        || reached.contains(module)
        || this.modules.contains("app")) {
      return !reached.isEmpty();
    }
    Set<String> mine = new TreeSet<>(modules.closure(module));
    mine.removeAll(CARRIERS);
    return reached.stream()
        .filter(other -> other.startsWith("drivers/"))
        .flatMap(driver -> modules.closure(driver).stream())
        .anyMatch(mine::contains);
  }
}
