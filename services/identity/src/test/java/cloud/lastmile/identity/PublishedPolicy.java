package cloud.lastmile.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the reference's published default policy gives the personas: {@code
 * docs/identity-policy-published.txt}, which says how it was made. Compared is who is refused.
 */
final class PublishedPolicy {
  /** Rules after which more is asked than the policy, here as in the reference. */
  private static final Map<String, String> STRICTER =
      Map.of(
          "identity:get_auth_catalog",
          "a token of no project has no catalog: the handler refuses it",
          "identity:get_security_compliance_domain_config",
          "only of the default domain, of which the test's is none");

  private static final String OURS = "identity:lastmile_";

  private final List<String> personas;
  private final Map<String, String> rules = new HashMap<>();

  private PublishedPolicy(List<String> personas) {
    this.personas = personas;
  }

  static PublishedPolicy read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<String> comments = lines.stream().filter(line -> line.startsWith("# ")).toList();
    PublishedPolicy policy =
        new PublishedPolicy(List.of(comments.getLast().substring(2).split(" ", -1)));
    for (String line : lines) {
      if (!line.startsWith("#")) {
        String[] parts = line.split(" ", 2);
        policy.rules.put(parts[1], parts[0]);
      }
    }
    return policy;
  }

  /**
   * One line of the table.
   *
   * @param statuses one for each persona
   */
  record Row(String rule, String route, List<String> statuses) {}

  void requireSame(List<String> names, List<Row> rows) {
    assertThat(names).isEqualTo(personas);
    List<String> differences = new ArrayList<>();
    Set<String> explained = new HashSet<>();
    for (Row row : rows) {
      String published = rules.get(row.rule());
      if (published == null) {
        if (!row.rule().equals("public") && !row.rule().startsWith(OURS)) {
          differences.add(row.rule() + " is no published rule");
        }
        continue;
      }
      StringBuilder ours = new StringBuilder();
      row.statuses().forEach(status -> ours.append(status.equals("403") ? '-' : '+'));
      if (!ours.toString().equals(published)) {
        explained.add(row.rule());
        if (!STRICTER.containsKey(row.rule())) {
          differences.add(
              "%s %s: %s, published: %s".formatted(row.rule(), row.route(), ours, published));
        }
      }
    }
    assertThat(differences).isEmpty();
    assertThat(explained).isEqualTo(STRICTER.keySet());
  }
}
