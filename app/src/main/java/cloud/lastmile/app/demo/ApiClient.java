package cloud.lastmile.app.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** An ordinary client of the cloud's APIs: it knows what any user with a password knows. */
public final class ApiClient {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final HttpClient http;
  private final String base;
  private final String token;

  private ApiClient(HttpClient http, String base, String token) {
    this.http = http;
    this.base = base;
    this.token = token;
  }

  /**
   * Logs in to the project {@code admin}.
   *
   * @param http knows whom to believe at {@code base}
   */
  public static ApiClient login(String base, HttpClient http, String password)
      throws IOException, InterruptedException {
    ObjectNode user = object().put("name", "admin").put("password", password);
    user.putObject("domain").put("id", "default");
    ObjectNode auth = object();
    ObjectNode identity = auth.putObject("identity");
    identity.putArray("methods").add("password");
    identity.putObject("password").set("user", user);
    auth.putObject("scope")
        .putObject("project")
        .put("name", "admin")
        .putObject("domain")
        .put("id", "default");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/identity/v3/auth/tokens"))
            .header("Content-Type", "application/json")
            .POST(json(object().set("auth", auth)))
            .build();
    HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
    String token = response.headers().firstValue("X-Subject-Token").orElse("");
    if (token.isEmpty()) {
      throw new IOException("login was refused: " + response.body());
    }
    return new ApiClient(http, base, token);
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static BodyPublisher json(JsonNode body) {
    return BodyPublishers.ofString(body.toString());
  }

  public JsonNode get(String path) throws IOException, InterruptedException {
    return send("GET", path, BodyPublishers.noBody(), "application/json");
  }

  public JsonNode post(String path, JsonNode body) throws IOException, InterruptedException {
    return send("POST", path, json(body), "application/json");
  }

  JsonNode put(String path, JsonNode body) throws IOException, InterruptedException {
    return send("PUT", path, json(body), "application/json");
  }

  /** Sends the file as it is read; it is never in memory as a whole. */
  void upload(String path, Path file) throws IOException, InterruptedException {
    send("PUT", path, BodyPublishers.ofFile(file), "application/octet-stream");
  }

  /** No error if it is gone already. */
  void delete(String path) throws IOException, InterruptedException {
    HttpResponse<String> response =
        exchange("DELETE", path, BodyPublishers.noBody(), "application/json");
    if (response.statusCode() >= 400 && response.statusCode() != 404) {
      throw failure("DELETE", path, response);
    }
  }

  /** The first resource of a list whose {@code name} is this. */
  Optional<JsonNode> named(String path, String collection, String name)
      throws IOException, InterruptedException {
    for (JsonNode item : get(path).path(collection)) {
      if (item.path("name").asString("").equals(name)) {
        return Optional.of(item);
      }
    }
    return Optional.empty();
  }

  /** Empty if there is no such resource. */
  Optional<JsonNode> find(String path) throws IOException, InterruptedException {
    HttpResponse<String> response =
        exchange("GET", path, BodyPublishers.noBody(), "application/json");
    if (response.statusCode() == 404) {
      return Optional.empty();
    }
    if (response.statusCode() >= 400) {
      throw failure("GET", path, response);
    }
    return Optional.of(MAPPER.readTree(response.body()));
  }

  private JsonNode send(String method, String path, BodyPublisher body, String type)
      throws IOException, InterruptedException {
    HttpResponse<String> response = exchange(method, path, body, type);
    if (response.statusCode() >= 400) {
      throw failure(method, path, response);
    }
    @Nullable String text = response.body();
    return text == null || text.isBlank() ? object() : MAPPER.readTree(text);
  }

  private HttpResponse<String> exchange(String method, String path, BodyPublisher body, String type)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("X-Auth-Token", token)
            .header("Content-Type", type)
            .method(method, body)
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  private static IOException failure(String method, String path, HttpResponse<String> response) {
    return new IOException(
        method + " " + path + " answered " + response.statusCode() + ": " + response.body());
  }
}
