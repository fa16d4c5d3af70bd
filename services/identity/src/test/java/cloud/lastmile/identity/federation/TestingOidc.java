package cloud.lastmile.identity.federation;

import cloud.lastmile.testing.TestingHttp;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A small OpenID provider: discovery, keys that rotate, tokens for passwords, client credentials
 * and codes with PKCE, introspection and user info. Its users are whoever knows {@link #PASSWORD}.
 */
public final class TestingOidc implements AutoCloseable {
  public static final String CLIENT = "lastmile";
  public static final String SECRET = "s3cret/+&";
  public static final String PASSWORD = "open sesame";

  private final HttpServer server;
  private final InstantSource clock;
  private final Map<String, ObjectNode> codes = new ConcurrentHashMap<>();
  private final Map<String, JsonNode> opaque = new ConcurrentHashMap<>();
  private volatile List<JWK> keys;
  private volatile boolean down;
  private volatile UnaryOperator<String> nonces = nonce -> nonce;

  private TestingOidc(InstantSource clock) {
    this.clock = clock;
    this.keys = List.of(newRsaKey(), newEcKey());
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * @param clock by which its tokens are made
   */
  public static TestingOidc start(InstantSource clock) {
    return new TestingOidc(clock);
  }

  public String issuer() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/realm";
  }

  /** The keys are others from now on. */
  public void rotate() {
    keys = List.of(newRsaKey(), newEcKey());
  }

  public void down(boolean isDown) {
    down = isDown;
  }

  /** The nonces that ID tokens get instead of those they should have. */
  public void nonces(UnaryOperator<String> change) {
    nonces = change;
  }

  public static RSAKey newRsaKey() {
    try {
      return new RSAKeyGenerator(2048).keyID(UUID.randomUUID().toString()).generate();
    } catch (JOSEException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static ECKey newEcKey() {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(UUID.randomUUID().toString()).generate();
    } catch (JOSEException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** Claims as a good token of ours has them, to be spoilt. */
  public JWTClaimsSet.Builder claims(String subject) {
    Instant now = clock.instant();
    return new JWTClaimsSet.Builder()
        .issuer(issuer())
        .subject(subject)
        .audience(CLIENT)
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plusSeconds(300)))
        .claim("preferred_username", subject)
        .claim("email", subject + "@example.org")
        .claim("groups", List.of("people", subject.startsWith("boss") ? "bosses" : "workers"));
  }

  public String rs256(JWTClaimsSet claims) {
    return sign(JWSAlgorithm.RS256, keys.getFirst(), claims);
  }

  public String es256(JWTClaimsSet claims) {
    return sign(JWSAlgorithm.ES256, keys.getLast(), claims);
  }

  public JWK rsaKey() {
    return keys.getFirst();
  }

  public static String sign(JWSAlgorithm algorithm, JWK key, JWTClaimsSet claims) {
    try {
      SignedJWT token =
          new SignedJWT(new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), claims);
      token.sign(key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner((ECKey) key));
      return token.serialize();
    } catch (JOSEException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** What the provider answers to a program that asks for a token, as Keystone's clients do. */
  public JsonNode grant(String form) {
    String pair = CLIENT + ":" + SECRET;
    return TestingHttp.at(URI.create(issuer()))
        .with(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
        .exchange(
            "POST",
            "/token",
            "application/x-www-form-urlencoded",
            HttpRequest.BodyPublishers.ofString(form))
        .json();
  }

  /** A token that only introspection understands. */
  public String opaque(JsonNode answer) {
    String token = "opaque-" + UUID.randomUUID();
    opaque.put(token, answer);
    return token;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Map<String, String> form =
          parameters(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      if (down) {
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      switch (path) {
        case "/realm/.well-known/openid-configuration" -> answer(exchange, 200, metadata());
        case "/realm/keys" ->
            answer(exchange, 200, read(new JWKSet(keys).toPublicJWKSet().toString()));
        case "/realm/authorize" -> authorize(exchange);
        case "/realm/token" -> token(exchange, form);
        case "/realm/introspect" -> introspect(exchange, form);
        case "/realm/userinfo" ->
            answer(exchange, 200, object().put("sub", "ann").put("department", "physics"));
        default -> exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private ObjectNode metadata() {
    ObjectNode metadata = object().put("issuer", issuer());
    metadata.put("jwks_uri", issuer() + "/keys");
    metadata.put("authorization_endpoint", issuer() + "/authorize");
    metadata.put("token_endpoint", issuer() + "/token");
    metadata.put("introspection_endpoint", issuer() + "/introspect");
    metadata.put("userinfo_endpoint", issuer() + "/userinfo");
    return metadata;
  }

  /** Logs in whoever {@code login_as} says; a browser would be shown a form. */
  private void authorize(HttpExchange exchange) throws IOException {
    Map<String, String> query = parameters(exchange.getRequestURI().getRawQuery());
    String code = UUID.randomUUID().toString();
    ObjectNode asked = object();
    query.forEach(asked::put);
    codes.put(code, asked);
    exchange
        .getResponseHeaders()
        .add(
            "Location",
            query.get("redirect_uri") + "?code=" + code + "&state=" + query.get("state"));
    exchange.sendResponseHeaders(302, -1);
  }

  private void token(HttpExchange exchange, Map<String, String> form) throws IOException {
    if (!isClient(exchange)) {
      answer(exchange, 401, object().put("error", "invalid_client"));
      return;
    }
    switch (form.getOrDefault("grant_type", "")) {
      case "password" -> {
        boolean right = PASSWORD.equals(form.get("password"));
        answer(exchange, right ? 200 : 400, right ? tokens(form.get("username"), "") : error());
      }
      case "client_credentials" -> answer(exchange, 200, tokens("service-" + CLIENT, ""));
      case "authorization_code" -> {
        ObjectNode asked = codes.remove(form.getOrDefault("code", ""));
        boolean right = asked != null && proves(asked, form);
        answer(
            exchange,
            right ? 200 : 400,
            right
                ? tokens(asked.path("login_as").asString("ann"), asked.path("nonce").asString())
                : error());
      }
      default -> answer(exchange, 400, error());
    }
  }

  private static boolean proves(ObjectNode asked, Map<String, String> form) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(form.getOrDefault("code_verifier", "").getBytes(StandardCharsets.US_ASCII));
      return asked.path("redirect_uri").asString().equals(form.get("redirect_uri"))
          && asked.path("code_challenge_method").asString().equals("S256")
          && asked
              .path("code_challenge")
              .asString()
              .equals(Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
    } catch (java.security.NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private ObjectNode tokens(String subject, String nonce) {
    ObjectNode tokens = object();
    tokens.put("access_token", rs256(claims(subject).build()));
    tokens.put("id_token", rs256(claims(subject).claim("nonce", nonces.apply(nonce)).build()));
    return tokens.put("token_type", "Bearer");
  }

  private void introspect(HttpExchange exchange, Map<String, String> form) throws IOException {
    if (!isClient(exchange)) {
      answer(exchange, 401, object().put("error", "invalid_client"));
      return;
    }
    JsonNode known = opaque.get(form.getOrDefault("token", ""));
    answer(exchange, 200, known == null ? object().put("active", false) : known);
  }

  private static boolean isClient(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    if (header == null || !header.startsWith("Basic ")) {
      return false;
    }
    String pair =
        new String(Base64.getDecoder().decode(header.substring(6)), StandardCharsets.UTF_8);
    // Who is not careful sends them as they are, which is the same for most.
    return pair.equals(CLIENT + ":" + java.net.URLEncoder.encode(SECRET, StandardCharsets.UTF_8))
        || pair.equals(CLIENT + ":" + SECRET);
  }

  private static ObjectNode error() {
    return object().put("error", "invalid_grant");
  }

  private static void answer(HttpExchange exchange, int status, JsonNode body) throws IOException {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  static Map<String, String> parameters(String text) {
    Map<String, String> parameters = new java.util.HashMap<>();
    for (String field : text == null || text.isEmpty() ? new String[0] : text.split("&")) {
      String[] parts = field.split("=", 2);
      parameters.put(
          URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
          URLDecoder.decode(parts.length == 2 ? parts[1] : "", StandardCharsets.UTF_8));
    }
    return parameters;
  }

  static Map<String, String> query(String url) {
    return parameters(URI.create(url).getRawQuery());
  }

  private static JsonNode read(String json) {
    return JsonMapper.builder().build().readTree(json);
  }

  private static ObjectNode object() {
    return JsonMapper.builder().build().createObjectNode();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
