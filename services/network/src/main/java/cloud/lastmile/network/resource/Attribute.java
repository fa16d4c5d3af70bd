package cloud.lastmile.network.resource;

import cloud.lastmile.platform.policy.PolicyRule;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a client may say about one attribute of a resource.
 *
 * @param absent its value when a create leaves it out; null if it may be left out without a value
 * @param required whether a create must have it
 * @param check in policy language; who may set it at all, beyond who may create or update the
 *     resource
 */
public record Attribute(
    String name,
    boolean create,
    boolean update,
    boolean required,
    @Nullable JsonNode absent,
    Converter converter,
    Optional<String> check) {

  /** Turns what the client sent into what is kept; throws bad request with the reason. */
  @FunctionalInterface
  public interface Converter {
    JsonNode convert(String name, JsonNode value);
  }

  /** May be set by create and update. */
  public static Attribute of(String name, Converter converter) {
    return new Attribute(name, true, true, false, null, converter, Optional.empty());
  }

  /** Set by the service only. */
  public static Attribute readOnly(String name) {
    return new Attribute(name, false, false, false, null, (_, value) -> value, Optional.empty());
  }

  public Attribute absent(JsonNode value) {
    return new Attribute(name, create, update, required, value, converter, check);
  }

  public Attribute mandatory() {
    return new Attribute(name, create, update, true, absent, converter, check);
  }

  /** Cannot be changed later. */
  public Attribute createOnly() {
    return new Attribute(name, true, false, required, absent, converter, check);
  }

  /** Cannot be said when it is made. */
  public Attribute updateOnly() {
    return new Attribute(name, false, true, required, absent, converter, check);
  }

  public Attribute only(String policyCheck) {
    return new Attribute(
        name, create, update, required, absent, converter, Optional.of(policyCheck));
  }

  PolicyRule rule(String operation, String noun) {
    return new PolicyRule(operation + "_" + noun + ":" + name, check.orElseThrow());
  }
}
