package cloud.lastmile.network.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPieces;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.policy.PolicyRule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the routes of all nouns have in common: list, show, and reading the bodies of the rest. */
public final class Collection {
  /** The reference has no such bound but its quotas, which an administrator may have lifted. */
  public static final int MAX_BULK = 1_000;

  /** Rows that are read and sent together. */
  static final int PIECE = 1_000;

  private final Database database;
  private final Noun noun;
  private final AttributeMap attributes;

  public Collection(Database database, Noun noun, AttributeMap attributes) {
    this.database = database;
    this.noun = noun;
    this.attributes = attributes;
  }

  /** A row that a client wants to be made, and the rules that guard what it says. */
  public record Create(Values values, String projectId) {}

  public List<PolicyRule> rules() {
    List<PolicyRule> rules = new ArrayList<>(noun.rules());
    rules.addAll(attributes.rules());
    return rules;
  }

  /** Lists that are longer than a piece are never held whole. */
  public ApiResponse list(ApiRequest request) {
    ListQuery.Asked<Noun.Line> asked = noun.asked(request);
    if (PageLinks.isBackwards(request)) {
      return whole(request, database.read(asked::run).rows());
    }
    ListPieces<Noun.Line> pieces = asked.inPieces(PIECE);
    List<Noun.Line> first = database.read(pieces::next);
    return pieces.isDone()
        ? whole(request, first)
        : ApiResponse.stream(
            200, "application/json", -1, output -> stream(request, first, pieces, output));
  }

  private ApiResponse whole(ApiRequest request, List<Noun.Line> rows) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(1024 * (rows.size() + 1));
    body.writeBytes(start());
    write(rows, false, body);
    body.writeBytes(end(request, PageLinks.Page.NONE.with(rows)));
    return ApiResponse.bytes(200, "application/json", body.toByteArray());
  }

  private void stream(
      ApiRequest request, List<Noun.Line> first, ListPieces<Noun.Line> pieces, OutputStream output)
      throws IOException {
    List<Noun.Line> rows = first;
    PageLinks.Page page = PageLinks.Page.NONE.with(rows);
    output.write(start());
    write(rows, false, output);
    while (!pieces.isDone()) {
      rows = database.read(pieces::next);
      write(rows, true, output);
      page = page.with(rows);
    }
    output.write(end(request, page));
  }

  private byte[] start() {
    return utf8("{\"" + noun.plural() + "\":[");
  }

  /** Into a stream that is in memory, or to the client. */
  private static void write(List<Noun.Line> rows, boolean more, ByteArrayOutputStream body) {
    boolean separated = more;
    for (Noun.Line row : rows) {
      if (separated) {
        body.write(',');
      }
      body.writeBytes(row.json());
      separated = true;
    }
  }

  private static void write(List<Noun.Line> rows, boolean more, OutputStream output)
      throws IOException {
    ByteArrayOutputStream piece = new ByteArrayOutputStream(1024 * (rows.size() + 1));
    write(rows, more, piece);
    piece.writeTo(output);
  }

  private byte[] end(ApiRequest request, PageLinks.Page page) {
    ArrayNode links = PageLinks.of(request, page);
    String rest = links.isEmpty() ? "" : ",\"" + noun.plural() + "_links\":" + links;
    return utf8("]" + rest + "}");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Finds the resource in the path and checks the route's rule. */
  public ApiResponse show(ApiRequest request) {
    ObjectNode row = found(request);
    try {
      request.enforce(Noun.target(row));
    } catch (ApiException refused) {
      // Who may not see it must not learn that it is there.
      throw noun.missing(request.path("id"));
    }
    return answer(request, 200, row);
  }

  /** The resource that the path names, after the route's rule was checked. */
  public ObjectNode enforced(ApiRequest request) {
    ObjectNode row = found(request);
    request.enforce(Noun.target(row));
    return row;
  }

  private ObjectNode found(ApiRequest request) {
    String id = request.path("id");
    UUID uuid = Ids.parseUuid(id).orElseThrow(() -> noun.missing(id));
    return database
        .read(handle -> noun.find(handle, request, uuid))
        .orElseThrow(() -> noun.missing(id));
  }

  public ApiResponse answer(ApiRequest request, int status, ObjectNode row) {
    ObjectNode body = Json.object();
    body.set(noun.singular(), noun.present(request, row));
    return ApiResponse.json(status, body);
  }

  /** The answer to a create, one or many as it was asked. */
  public ApiResponse created(ApiRequest request, List<ObjectNode> rows) {
    if (!isBulk(request)) {
      return answer(request, 201, rows.getFirst());
    }
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray(noun.plural());
    rows.forEach(row -> array.add(noun.present(request, row)));
    return ApiResponse.json(201, body);
  }

  private boolean isBulk(ApiRequest request) {
    return request.json().has(noun.plural());
  }

  /**
   * Reads what a create wants made, one or many, and checks the rules of the attributes given. The
   * route's own rule stays with the caller, who knows more of the target.
   */
  public List<Create> creates(ApiRequest request) {
    JsonNode json = request.json();
    if (!json.isObject()) {
      throw Errors.badRequest("HTTPBadRequest", "Body contains invalid data");
    }
    List<JsonNode> bodies = new ArrayList<>();
    if (isBulk(request)) {
      JsonNode items = json.path(noun.plural());
      if (!items.isArray() || items.isEmpty()) {
        throw Errors.badRequest("HTTPBadRequest", "Resources required");
      }
      if (items.size() > MAX_BULK) {
        throw Errors.badRequest(
            "HTTPBadRequest",
            "At most %d %s can be created by one request, not %d."
                .formatted(MAX_BULK, noun.plural(), items.size()));
      }
      for (JsonNode item : items) {
        // Clients wrap each one, or do not.
        bodies.add(item.has(noun.singular()) ? item.path(noun.singular()) : item);
      }
    } else if (json.has(noun.singular())) {
      bodies.add(json.path(noun.singular()));
    } else {
      throw Errors.badRequest(
          "HTTPBadRequest", "Unable to find '" + noun.singular() + "' in request body");
    }
    return bodies.stream().map(body -> create(request, body)).toList();
  }

  private Create create(ApiRequest request, JsonNode body) {
    Values values = attributes.create(body);
    return new Create(values, owner(request, values));
  }

  private static String owner(ApiRequest request, Values values) {
    String asked =
        values.optionalText("project_id").or(() -> values.optionalText("tenant_id")).orElse("");
    if (asked.isEmpty()) {
      return request.caller().requireProjectId();
    }
    boolean own = request.caller().projectId().filter(asked::equals).isPresent();
    if (!own && !request.allows(Noun.CONTEXT_IS_ADMIN)) {
      throw Errors.badRequest(
          "HTTPBadRequest",
          "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request"
              + " requires admin privileges");
    }
    return asked;
  }

  /** Checks the route's rule, and those of the attributes given, against a row to be made. */
  public void enforceCreate(ApiRequest request, Create create, Map<String, String> more) {
    Map<String, String> target = new HashMap<>(more);
    target.putAll(Noun.target(nodeOf(create.values())));
    target.put("project_id", create.projectId());
    target.put("tenant_id", create.projectId());
    request.enforce(target);
    attributes.rulesFor("create", create.values()).forEach(rule -> request.enforce(rule, target));
  }

  /** Reads an update of a row and checks the rules of the attributes given. */
  public Values update(ApiRequest request, ObjectNode row) {
    JsonNode body = request.json().path(noun.singular());
    if (body.isMissingNode()) {
      throw Errors.badRequest(
          "HTTPBadRequest", "Unable to find '" + noun.singular() + "' in request body");
    }
    Values values = attributes.update(body);
    Map<String, String> target = Noun.target(row);
    target.putAll(Noun.target(nodeOf(values)));
    attributes.rulesFor("update", values).forEach(rule -> request.enforce(rule, target));
    return values;
  }

  private static ObjectNode nodeOf(Values values) {
    ObjectNode node = Json.object();
    values.nodes().forEach(node::set);
    return node;
  }
}
