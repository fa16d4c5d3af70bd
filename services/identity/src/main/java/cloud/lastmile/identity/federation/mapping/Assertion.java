package cloud.lastmile.identity.federation.mapping;

import java.util.List;
import java.util.Map;

/**
 * What a provider says about somebody: values by name. In the reference a web server puts it into
 * variables of text, with {@code ;} between several values; here a value is never taken apart.
 *
 * @param remoteUser who to say the user is if the mapping does not
 */
public record Assertion(Map<String, List<String>> values, String remoteUser) {
  /** {@link #values} also has it under this name. */
  public static final String REMOTE_USER = "REMOTE_USER";

  public Assertion {
    values = Map.copyOf(values);
  }

  /** Whether it says anything of this, be it that there is none. */
  boolean has(String name) {
    return values.containsKey(name);
  }

  public List<String> of(String name) {
    return values.getOrDefault(name, List.of());
  }
}
