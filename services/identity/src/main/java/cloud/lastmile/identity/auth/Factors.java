package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.access.Access;
import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.identity.token.ReceiptCodec;
import cloud.lastmile.identity.token.ReceiptCodec.Receipt;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.http.ApiResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Multi-factor rules: whether a user showed enough, and the receipt for what it showed so far. As
 * in the reference, a rule counts only with the methods that there are, and one without any of them
 * not at all, so that a wrong rule locks nobody out.
 */
public final class Factors {
  static final String HEADER = "Openstack-Auth-Receipt";

  private final ReceiptCodec codec;
  private final Duration life;
  private final InstantSource clock;

  public Factors(ReceiptCodec codec, Duration life, InstantSource clock) {
    this.codec = codec;
    this.life = life;
    this.clock = clock;
  }

  /** Methods shown now and, if the receipt is the user's, before. */
  Set<AuthMethod> shown(Proven proven, Optional<String> receiptText) {
    if (receiptText.isEmpty()) {
      return proven.methods();
    }
    Receipt receipt =
        codec
            .decode(receiptText.get())
            .filter(found -> found.userId().equals(proven.userId()))
            .filter(found -> clock.instant().isBefore(found.expiresAt()))
            .orElseThrow(() -> ApiException.unauthorized("Could not find auth receipt."));
    Set<AuthMethod> all = EnumSet.copyOf(proven.methods());
    all.addAll(receipt.methods());
    return all;
  }

  /** The rules of a user that matter; none if any method will do. */
  private static List<Set<String>> rules(Access user) {
    List<Set<String>> rules = new ArrayList<>();
    for (Set<String> rule : user.rules().factors()) {
      Set<String> known =
          rule.stream()
              .filter(method -> AuthMethod.parse(method).isPresent())
              .collect(Collectors.toUnmodifiableSet());
      if (!known.isEmpty()) {
        rules.add(known);
      }
    }
    return rules;
  }

  boolean enough(Access user, Set<AuthMethod> methods) {
    List<Set<String>> rules = rules(user);
    Set<String> names =
        methods.stream().map(AuthMethod::text).collect(Collectors.toUnmodifiableSet());
    return rules.isEmpty() || rules.stream().anyMatch(names::containsAll);
  }

  /** 401 with a receipt, to come again with. */
  ApiResponse receipt(Access user, Set<AuthMethod> methods) {
    Instant now = Timestamps.truncate(clock.instant());
    Receipt receipt = new Receipt(user.caller().userId(), methods, now, now.plus(life));
    ObjectNode body = Json.object();
    ObjectNode view = body.putObject("receipt");
    view.set("methods", Json.strings(methods.stream().sorted().map(AuthMethod::text).toList()));
    ObjectNode person = view.putObject("user");
    person
        .putObject("domain")
        .put("id", user.caller().userDomainId())
        .put("name", user.userDomainName());
    person.put("id", user.caller().userId()).put("name", user.caller().userName());
    view.put("expires_at", Timestamps.micros(receipt.expiresAt()));
    view.put("issued_at", Timestamps.micros(receipt.issuedAt()));
    ArrayNode required = body.putArray("required_auth_methods");
    rules(user).forEach(rule -> required.add(Json.strings(rule.stream().sorted().toList())));
    return ApiResponse.json(401, body).header(HEADER, codec.encode(receipt));
  }
}
