package cloud.lastmile.identity.federation.oidc;

import cloud.lastmile.identity.federation.mapping.Assertion;
import cloud.lastmile.platform.core.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Claims as an assertion, under the names that mappings for Keystone use: {@code OIDC-groups} and
 * {@code HTTP_OIDC_GROUPS}, as its web server's module and the headers made of them are called.
 */
final class Claims {
  private static final int MOST_VALUES = 1_000;

  private Claims() {}

  /**
   * @param claims an object with {@code sub}, which is also the remote user
   * @throws OidcFailure if a claim has more values than can be heeded: to forget one might be to
   *     forget the group that forbids the login
   */
  static Assertion assertion(JsonNode claims) throws OidcFailure {
    Map<String, List<String>> values = new HashMap<>();
    Set<String> ambiguous = new HashSet<>();
    for (Map.Entry<String, JsonNode> claim : claims.properties()) {
      String name = claim.getKey();
      List<String> texts = texts(name, claim.getValue());
      // No values are a value: who is in no group is not who says nothing of groups.
      if (!claim.getValue().isNull()) {
        values.put("OIDC-" + name, texts);
        String header = "HTTP_OIDC_" + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
        if (values.put(header, texts) != null) {
          // Two claims that only a header's name makes alike: neither is to pass for the other.
          ambiguous.add(header);
        }
      }
    }
    ambiguous.forEach(values::remove);
    String subject = claims.path("sub").asString("");
    values.put(Assertion.REMOTE_USER, List.of(subject));
    return new Assertion(values, subject);
  }

  private static List<String> texts(String name, JsonNode value) throws OidcFailure {
    if (value.size() > MOST_VALUES && value.isArray()) {
      throw new OidcFailure(
          "the claim %s has %d values; %d are heeded at most, and none is left out: let the provider send fewer"
              .formatted(name, value.size(), MOST_VALUES));
    }
    List<String> texts = new ArrayList<>();
    if (value.isArray()) {
      for (JsonNode member : value) {
        if (!member.isNull()) {
          texts.add(text(member));
        }
      }
    } else if (!value.isNull()) {
      texts.add(text(value));
    }
    return texts;
  }

  /** As the module writes them: truths as digits, objects as JSON. */
  private static String text(JsonNode value) {
    if (value.isString()) {
      return Objects.requireNonNull(value.asString());
    }
    return value.isBoolean() ? (value.asBoolean() ? "1" : "0") : value.toString();
  }

  /** Claims with what another answer adds; what is there stays. */
  static JsonNode with(JsonNode claims, JsonNode more) {
    var all = Json.object();
    more.forEachEntry(all::set);
    claims.forEachEntry(all::set);
    return all;
  }
}
