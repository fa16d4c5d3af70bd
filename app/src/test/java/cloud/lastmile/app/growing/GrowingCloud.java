package cloud.lastmile.app.growing;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A cloud that has one more of everything after each {@link #grow}: in every collection, and below
 * or in each thing that {@link #id(String, String, String)} names. Bodies are written with single
 * quotes.
 */
@SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency for a test
public final class GrowingCloud {
  private static final String PROJECT = "{the administrator's project}";

  private final TestingHttp admin;

  /**
   * What to put into routes: by the whole route and a parameter, by a route's path up to its
   * parameter, or by the parameter's name where that says enough.
   */
  private final Map<String, String> ids = new HashMap<>();

  private final GrowingIdentity identity;
  private final GrowingImages images;
  private final GrowingNetworks networks;
  private final GrowingPlacement placement;
  private final GrowingCompute compute;
  private int number;

  /**
   * @param admin whose token is of a project, and is sent as the subject too
   */
  public GrowingCloud(TestingHttp admin) {
    this.admin = admin;
    JsonNode token = admin.get("/identity/v3/auth/tokens").expect(200).json().path("token");
    know("user_id", token.at("/user/id").asString());
    know(PROJECT, token.at("/project/id").asString());
    know("/compute/v2.1/os-quota-sets/{project_id}", project());
    know("/networking/v2.0/quotas/{project_id}", project());
    know("tag", "tag-1");
    know("key", "key-1");
    identity = new GrowingIdentity(this);
    images = new GrowingImages(this);
    networks = new GrowingNetworks(this);
    placement = new GrowingPlacement(this);
    compute = new GrowingCompute(this);
  }

  public void grow() {
    number++;
    identity.grow();
    images.grow();
    networks.grow();
    placement.grow();
    compute.grow();
  }

  /** The round, from 1; 0 before the first. */
  int number() {
    return number;
  }

  TestingHttp admin() {
    return admin;
  }

  String project() {
    return id(PROJECT);
  }

  /**
   * What to put for a parameter of a route.
   *
   * @param upTo the route's path up to the parameter, {@code /a/{b}}
   */
  public Optional<String> id(String route, String upTo, String parameter) {
    return Stream.of(route + " " + parameter, upTo, parameter)
        .map(ids::get)
        .filter(Objects::nonNull)
        .findFirst();
  }

  String id(String key) {
    return Objects.requireNonNull(ids.get(key), key);
  }

  void know(String key, String id) {
    ids.put(key, id);
  }

  /** Unless another is known already. */
  void knowFirst(String key, String id) {
    ids.putIfAbsent(key, id);
  }

  static Answer succeeded(Answer answer, String what) {
    if (answer.status() / 100 != 2) {
      throw new AssertionError(what + ": " + answer.status() + " " + answer.text());
    }
    return answer;
  }

  JsonNode post(String path, String body, Object... values) {
    String json = body.formatted(values).replace('\'', '"');
    return succeeded(admin.post(path, json), path + " " + json).json();
  }

  /** Without a body if it is empty. */
  void put(String path, String body, Object... values) {
    String json = body.formatted(values).replace('\'', '"');
    succeeded(admin.send("PUT", path, json.isEmpty() ? null : json), path + " " + json);
  }

  /** Makes a thing and returns its id; the body is {@code {kind: {fields}}}. */
  String make(String path, String kind, String fields, Object... values) {
    JsonNode answer = post(path, "{'" + kind + "': {" + fields.formatted(values) + "}}");
    return answer.path(kind).path("id").asString();
  }

  /** The text with each number up to that of the round, with commas between. */
  String repeated(String text) {
    return IntStream.rangeClosed(1, number)
        .mapToObj(text::formatted)
        .collect(Collectors.joining(", "));
  }
}
