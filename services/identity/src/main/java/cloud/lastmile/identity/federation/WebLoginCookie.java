package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.federation.oidc.WebLogin;
import cloud.lastmile.platform.core.Digests;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.secret.MasterKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps web logins in the browser that began them, each in a cookie of its own, for a browser may
 * have several windows: encrypted, so that there is nothing to store here for who may never come
 * back, and any node can end it. Of many the oldest go, for all are sent with every request.
 */
final class WebLoginCookie {
  private static final String NAME = "lastmile_websso_";
  private static final String PURPOSE = "web login";
  private static final int MAX_LENGTH = 3_500;

  /** All together, beside the new one. */
  private static final int MOST_KEPT = 4;

  private static final int MOST_KEPT_BYTES = 4_000;

  private final MasterKey key;

  WebLoginCookie(MasterKey key) {
    this.key = key;
  }

  /**
   * A {@code Set-Cookie} header.
   *
   * @param path under which it is sent back
   */
  String set(WebLogin login, String path, boolean secure) {
    ObjectNode content = Json.object();
    content.put("provider", login.providerId());
    content.put("protocol", login.protocolId());
    content.put("origin", login.origin());
    content.put("state", login.state());
    content.put("nonce", login.nonce());
    content.put("verifier", login.verifier());
    content.put("expires", login.expiresAt().getEpochSecond());
    byte[] sealed = key.seal(content.toString().getBytes(StandardCharsets.UTF_8), PURPOSE);
    String value = Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
    return header(name(login.state()), value, path, secure, 600);
  }

  String clear(WebLogin login, String path, boolean secure) {
    return header(name(login.state()), "", path, secure, 0);
  }

  /** Headers that take away of the logins that the browser has under way what is too much. */
  List<String> clearOldest(Optional<String> cookies, String path, boolean secure, Instant now) {
    List<Kept> kept =
        kept(cookies).stream().sorted(Comparator.comparing(Kept::expiresAt).reversed()).toList();
    List<String> headers = new ArrayList<>();
    int bytes = 0;
    for (int i = 0; i < kept.size(); i++) {
      bytes += kept.get(i).value().length();
      boolean over = !now.isBefore(kept.get(i).expiresAt());
      if (over || i >= MOST_KEPT || bytes > MOST_KEPT_BYTES) {
        headers.add(header(kept.get(i).name(), "", path, secure, 0));
      }
    }
    return headers;
  }

  /** A cookie of ours; one that cannot be read has expired long ago. */
  private record Kept(String name, String value, Instant expiresAt) {}

  private List<Kept> kept(Optional<String> cookies) {
    List<Kept> kept = new ArrayList<>();
    for (String cookie : cookies.orElse("").split(";", -1)) {
      String[] parts = cookie.strip().split("=", 2);
      if (parts.length == 2 && parts[0].matches(NAME + "[0-9a-f]{1,64}")) {
        Instant end = open(parts[1]).map(WebLogin::expiresAt).orElse(Instant.EPOCH);
        kept.add(new Kept(parts[0], parts[1], end));
      }
    }
    return kept;
  }

  private static String name(String state) {
    return NAME + Digests.sha256Hex(state).substring(0, 16);
  }

  /** Lax, for it must come along when the provider sends the browser back. */
  private static String header(String name, String value, String path, boolean secure, int age) {
    return name
        + "="
        + value
        + "; Path="
        + path
        + "; Max-Age="
        + age
        + "; HttpOnly; SameSite=Lax"
        + (secure ? "; Secure" : "");
  }

  /** The login that the request's cookies hold, if it is the one of this state and not over. */
  Optional<WebLogin> read(Optional<String> cookies, String state, Instant now) {
    return cookies
        .flatMap(all -> value(all, name(state)))
        .flatMap(this::open)
        .filter(login -> same(login.state(), state))
        .filter(login -> now.isBefore(login.expiresAt()));
  }

  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<String> value(String cookies, String name) {
    for (String cookie : cookies.split(";", -1)) {
      String stripped = cookie.strip();
      if (stripped.startsWith(name + "=")) {
        return Optional.of(stripped.substring(name.length() + 1))
            .filter(value -> value.length() <= MAX_LENGTH);
      }
    }
    return Optional.empty();
  }

  private Optional<WebLogin> open(String value) {
    try {
      byte[] plain = key.open(Base64.getUrlDecoder().decode(value), PURPOSE);
      JsonNode content = Json.parse(plain);
      return Optional.of(
          new WebLogin(
              content.path("provider").asString(),
              content.path("protocol").asString(),
              content.path("origin").asString(),
              content.path("state").asString(),
              content.path("nonce").asString(),
              content.path("verifier").asString(),
              Instant.ofEpochSecond(content.path("expires").asLong())));
    } catch (IllegalArgumentException | IllegalStateException notOurs) {
      return Optional.empty();
    }
  }
}
