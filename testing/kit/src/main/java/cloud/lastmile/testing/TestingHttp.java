package cloud.lastmile.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * A plain client for JSON APIs, as a user's program would be. Immutable: {@link #with} gives
 * another client on the same connections that also sends a header.
 *
 * <pre>{@code
 * TestingHttp http = TestingHttp.at(server.uri()).with("X-Auth-Token", token);
 * Answer answer = http.post("/v3/projects", """
 *     {"project": {"name": "demo"}}""");
 * assertThat(answer.status()).as(answer.text()).isEqualTo(201);
 * String id = answer.json().at("/project/id").asString();
 * }</pre>
 */
public final class TestingHttp {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** An answer, whatever its status. */
  public static final class Answer {
    private final int status;
    private final HttpHeaders headers;
    private final byte[] body;

    private Answer(int status, HttpHeaders headers, byte[] body) {
      this.status = status;
      this.headers = headers;
      this.body = body;
    }

    public int status() {
      return status;
    }

    public HttpHeaders headers() {
      return headers;
    }

    public byte[] body() {
      return body.clone();
    }

    /** The body as JSON; a missing node if it is empty. */
    public JsonNode json() {
      if (body.length == 0) {
        return MissingNode.getInstance();
      }
      try {
        return MAPPER.readTree(body);
      } catch (JacksonException e) {
        throw new AssertionError("Not JSON (status " + status + "): " + text(), e);
      }
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** The header's first value, or an empty string. */
    public String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    /** This answer, if it has the status; else the test fails and shows the body. */
    public Answer expect(int wanted) {
      if (status != wanted) {
        throw new AssertionError("Status " + status + ", not " + wanted + ": " + text());
      }
      return this;
    }
  }

  private final HttpClient client;
  private final String base;
  private final Map<String, String> headers;

  private TestingHttp(HttpClient client, String base, Map<String, String> headers) {
    this.client = client;
    this.base = base;
    this.headers = Map.copyOf(headers);
  }

  /** Paths are appended to {@code base}. */
  public static TestingHttp at(URI base) {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    return new TestingHttp(client, base.toString().replaceFirst("/$", ""), Map.of());
  }

  /** The same headers on connections of their own, from a local address. */
  public TestingHttp from(String localAddress) {
    HttpClient other =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .localAddress(InetAddress.ofLiteral(localAddress))
            .build();
    return new TestingHttp(other, base, headers);
  }

  public TestingHttp with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new TestingHttp(client, base, more);
  }

  /** The same connections and headers at another base, such as an endpoint of the catalog. */
  public TestingHttp at(String otherBase) {
    return new TestingHttp(client, otherBase.replaceFirst("/$", ""), headers);
  }

  public Answer get(String path) {
    return send("GET", path, null);
  }

  public Answer head(String path) {
    return send("HEAD", path, null);
  }

  public Answer delete(String path) {
    return send("DELETE", path, null);
  }

  public Answer post(String path, String json) {
    return send("POST", path, json);
  }

  public Answer post(String path, JsonNode json) {
    return send("POST", path, json.toString());
  }

  public Answer put(String path, String json) {
    return send("PUT", path, json);
  }

  public Answer put(String path, JsonNode json) {
    return send("PUT", path, json.toString());
  }

  public Answer patch(String path, String json) {
    return send("PATCH", path, json);
  }

  public Answer send(String method, String path, @Nullable String json) {
    return json == null
        ? exchange(method, path, "", BodyPublishers.noBody())
        : exchange(method, path, "application/json", BodyPublishers.ofString(json));
  }

  /** The bytes of a large answer as they come; to be closed by the caller. */
  public InputStream stream(String path) {
    return send("GET", path, "", BodyPublishers.noBody(), BodyHandlers.ofInputStream()).body();
  }

  /** Any body, for uploads; without a content type if that is empty. */
  public Answer exchange(
      String method, String path, String contentType, HttpRequest.BodyPublisher body) {
    HttpResponse<byte[]> response =
        send(method, path, contentType, body, BodyHandlers.ofByteArray());
    return new Answer(response.statusCode(), response.headers(), response.body());
  }

  private <T> HttpResponse<T> send(
      String method,
      String path,
      String contentType,
      HttpRequest.BodyPublisher body,
      HttpResponse.BodyHandler<T> handler) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .method(method, body)
            .timeout(Duration.ofSeconds(60));
    if (!contentType.isEmpty()) {
      request.header("Content-Type", contentType);
    }
    headers.forEach(request::setHeader);
    try {
      return client.send(request.build(), handler);
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
