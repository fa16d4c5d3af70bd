package cloud.lastmile.platform.policy;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How a check came out, part by part.
 *
 * @param check as the rule says it: {@code role:admin}, {@code and}, {@code rule:owner}
 * @param passes whether it does, for this caller and target
 * @param detail what was compared with what; empty if nothing was
 * @param parts of {@code and}, {@code or}, {@code not} and {@code rule:}
 * @param missing the attributes that the check itself compares with and the target lacks: had it
 *     them, the check might come out otherwise
 */
public record PolicyTrace(
    String check, boolean passes, String detail, List<PolicyTrace> parts, Set<String> missing) {

  /** How sure it is. */
  public enum Verdict {
    ALLOWED,
    REFUSED,
    /** It depends on {@link #unknowns}. */
    UNKNOWN
  }

  private static final String ROLE = "role:";

  public PolicyTrace {
    parts = List.copyOf(parts);
    missing = Set.copyOf(missing);
  }

  PolicyTrace(String check, boolean passes, String detail, List<PolicyTrace> parts) {
    this(check, passes, detail, parts, Set.of());
  }

  /** Whether the check passes whatever the attributes are that the target does not tell. */
  public Verdict verdict() {
    List<Verdict> all = parts.stream().map(PolicyTrace::verdict).toList();
    return switch (check) {
      case "not" ->
          switch (all.getFirst()) {
            case ALLOWED -> Verdict.REFUSED;
            case REFUSED -> Verdict.ALLOWED;
            case UNKNOWN -> Verdict.UNKNOWN;
          };
      case "and" -> strongest(all, Verdict.REFUSED, Verdict.ALLOWED);
      case "or" -> strongest(all, Verdict.ALLOWED, Verdict.REFUSED);
      default ->
          check.startsWith("rule:")
              ? all.getFirst()
              : passes ? Verdict.ALLOWED : missing.isEmpty() ? Verdict.REFUSED : Verdict.UNKNOWN;
    };
  }

  private static Verdict strongest(List<Verdict> all, Verdict decisive, Verdict otherwise) {
    return all.contains(decisive)
        ? decisive
        : all.contains(Verdict.UNKNOWN) ? Verdict.UNKNOWN : otherwise;
  }

  /** The attributes on which it depends, if the verdict is that it is unknown. */
  public Stream<String> unknowns() {
    return verdict() == Verdict.UNKNOWN
        ? Stream.concat(missing.stream(), parts.stream().flatMap(PolicyTrace::unknowns))
        : Stream.empty();
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
