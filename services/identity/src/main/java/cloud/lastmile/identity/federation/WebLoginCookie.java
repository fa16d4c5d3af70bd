package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.federation.oidc.WebLogin;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.secret.MasterKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps a web login in the browser that began it: encrypted, so that there is nothing to store here
 * for who may never come back, and any node can end it.
 */
final class WebLoginCookie {
  private static final String NAME = "lastmile_websso";
  private static final String PURPOSE = "web login";
  private static final int MAX_LENGTH = 3_500;

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
    return header(value, path, secure, 600);
  }

  String clear(String path, boolean secure) {
    return header("", path, secure, 0);
  }

  /** Lax, for it must come along when the provider sends the browser back. */
  private static String header(String value, String path, boolean secure, int age) {
    return NAME
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
        .flatMap(WebLoginCookie::value)
        .flatMap(this::open)
        .filter(login -> same(login.state(), state))
        .filter(login -> now.isBefore(login.expiresAt()));
  }

  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<String> value(String cookies) {
    for (String cookie : cookies.split(";", -1)) {
      String stripped = cookie.strip();
      if (stripped.startsWith(NAME + "=")) {
        return Optional.of(stripped.substring(NAME.length() + 1))
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
