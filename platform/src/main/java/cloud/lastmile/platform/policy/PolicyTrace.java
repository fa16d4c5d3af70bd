package cloud.lastmile.platform.policy;

import java.util.List;
import java.util.stream.Stream;

/**
 * How a check came out, part by part.
 *
 * @param check as the rule says it: {@code role:admin}, {@code and}, {@code rule:owner}
 * @param passes whether it does, for this caller and target
 * @param detail what was compared with what; empty if nothing was
 * @param parts of {@code and}, {@code or}, {@code not} and {@code rule:}
 */
public record PolicyTrace(String check, boolean passes, String detail, List<PolicyTrace> parts) {
  private static final String ROLE = "role:";

  public PolicyTrace {
    parts = List.copyOf(parts);
  }

  /** The roles to which the caller owes that it passes; none if it does not. */
  public Stream<String> decisiveRoles() {
    if (!passes || check.equals("not")) {
      return Stream.empty();
    }
    if (check.startsWith(ROLE)) {
      return Stream.of(check.substring(ROLE.length()));
    }
    // Of an "or" only the first way in matters.
    Stream<PolicyTrace> passing = parts.stream().filter(PolicyTrace::passes);
    return (check.equals("or") ? passing.limit(1) : passing).flatMap(PolicyTrace::decisiveRoles);
  }
}
