package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.ListPieces;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
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
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A noun at work: its routes, in one order for all: read, check policy, write in one transaction,
 * answer.
 *
 * @param <W> the service's writes
 */
public final class Resource<W extends Write> {
  /** Rows that are read and sent together. */
  private static final int PIECE = 1_000;

  private final Noun noun;
  private final Writes<W> writes;
  private final Hooks<W> hooks;

  public Resource(Noun noun, Writes<W> writes, Hooks<W> hooks) {
    this.noun = noun;
    this.writes = writes;
    this.hooks = hooks;
  }

  public Noun noun() {
    return noun;
  }

  /** List, create, show, update and delete. */
  public List<Route> routes(String version) {
    String all = version + noun.path();
    String one = all + "/{id}";
    Noun.Rules rules = noun.rules();
    List<Route> routes = new ArrayList<>();
    routes.add(Route.get(all, rules.get(), this::list));
    routes.add(Route.post(all, rules.create(), this::create).enforcedByHandler());
    routes.add(Route.get(one, rules.get(), this::show).enforcedByHandler());
    rules
        .update()
        .ifPresent(rule -> routes.add(Route.put(one, rule, this::update).enforcedByHandler()));
    routes.add(Route.delete(one, rules.delete(), this::delete).enforcedByHandler());
    return routes;
  }

  /** The rules that are no route's. */
  public List<PolicyRule> otherRules() {
    return noun.attributeRules();
  }

  /** Lists that are longer than a piece are never held whole. */
  public ApiResponse list(ApiRequest request) {
    hooks.listing(request);
    ListQuery.Asked<Noun.Line> asked = noun.asked(request);
    if (noun.dialect().isReadAtOnce(request)) {
      return whole(request, writes.read(asked::run).rows());
    }
    ListPieces<Noun.Line> pieces = asked.inPieces(PIECE);
    List<Noun.Line> first = writes.read(pieces::next);
    return pieces.isDone()
        ? whole(request, first)
        : ApiResponse.stream(
            200, "application/json", -1, output -> stream(request, first, pieces, output));
  }

  private ApiResponse whole(ApiRequest request, List<Noun.Line> rows) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(1024 * (rows.size() + 1));
    body.writeBytes(start());
    write(rows, false, body);
    body.writeBytes(end(request, Page.NONE.with(rows)));
    return ApiResponse.bytes(200, "application/json", body.toByteArray());
  }

  private void stream(
      ApiRequest request, List<Noun.Line> first, ListPieces<Noun.Line> pieces, OutputStream output)
      throws IOException {
    List<Noun.Line> rows = first;
    Page page = Page.NONE.with(rows);
    output.write(start());
    write(rows, false, output);
    while (!pieces.isDone()) {
      rows = writes.read(pieces::next);
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

  private byte[] end(ApiRequest request, Page page) {
    return utf8("]" + noun.dialect().afterRows(request, noun, page) + "}");
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
    return writes
        .read(handle -> noun.find(handle, request, uuid))
        .orElseThrow(() -> noun.missing(id));
  }

  /** Makes one, or many together or not at all. */
  public ApiResponse create(ApiRequest request) {
    List<Create> creates = creates(request);
    for (Create create : creates) {
      enforce(request, create, hooks.target(request, create));
      hooks.checkCreate(request, create);
    }
    return created(request, run(request, creates, write -> insert(write, creates)));
  }

  private List<ObjectNode> insert(W write, List<Create> creates) {
    hooks.beforeAll(write, creates);
    return creates.stream().map(create -> insert(write, create)).toList();
  }

  /** Inserts one in a transaction that is under way; its project's quota counts it. */
  public ObjectNode insert(W write, Create create) {
    Values values = hooks.inserting(write, create);
    ObjectNode row =
        hooks.inserted(
            write, create, noun.insert(write.handle(), create.id(), create.projectId(), values));
    write.count(create.projectId(), noun.singular(), 1);
    write.created(noun, row);
    hooks.changed(write, row);
    return row;
  }

  /** Runs the write of a create. More than one are refused early if there is no room for them. */
  public List<ObjectNode> run(
      ApiRequest request, List<Create> creates, Function<W, List<ObjectNode>> work) {
    if (creates.size() > 1) {
      creates.stream()
          .collect(Collectors.groupingBy(Create::projectId, Collectors.counting()))
          .forEach((project, many) -> writes.requireRoom(project, Map.of(noun.singular(), many)));
    }
    return run(request, work);
  }

  public ApiResponse update(ApiRequest request) {
    ObjectNode before = enforced(request);
    Update update = update(request, before);
    hooks.checkUpdate(request, update);
    return answer(request, 200, run(request, write -> update(write, update)));
  }

  private ObjectNode update(W write, Update update) {
    Values values = hooks.updating(write, update);
    ObjectNode row = hooks.updated(write, update, noun.update(write.handle(), update.id(), values));
    write.updated(noun, row);
    hooks.changed(write, row);
    return row;
  }

  public ApiResponse delete(ApiRequest request) {
    ObjectNode before = enforced(request);
    Delete delete = new Delete(noun.id(before), before, noun.dialect().visibleTo(request));
    run(
        request,
        write -> {
          hooks.deleting(write, delete);
          write.delete(noun, before);
          hooks.deleted(write, delete);
          hooks.changed(write, before);
          return before;
        });
    return ApiResponse.empty(204);
  }

  /** Runs a write of a request. */
  public <T> T run(ApiRequest request, Function<W, T> work) {
    return writes.run(request.context().requestId(), work);
  }

  public ApiResponse answer(ApiRequest request, int status, ObjectNode row) {
    ObjectNode body = Json.object();
    body.set(noun.singular(), noun.present(request, row));
    return ApiResponse.json(status, body);
  }

  /** The answer to a create, one or many as it was asked. */
  public ApiResponse created(ApiRequest request, List<ObjectNode> rows) {
    if (!noun.dialect().isBulk(request, noun)) {
      return answer(request, 201, rows.getFirst());
    }
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray(noun.plural());
    rows.forEach(row -> array.add(noun.present(request, row)));
    return ApiResponse.json(201, body);
  }

  /** Reads what a create wants made; policy is not asked yet. */
  public List<Create> creates(ApiRequest request) {
    return noun.dialect().toCreate(request, noun).stream()
        .map(body -> create(request, body))
        .toList();
  }

  private Create create(ApiRequest request, JsonNode body) {
    Dialect dialect = noun.dialect();
    Values values = noun.bodies().create(body);
    return new Create(
        UUID.randomUUID(), values, dialect.owner(request, values), dialect.visibleTo(request));
  }

  /** Checks the route's rule, and those of the attributes given, against a row to be made. */
  public void enforce(ApiRequest request, Create create, Map<String, String> more) {
    Map<String, String> target = new HashMap<>(more);
    target.putAll(Noun.target(nodeOf(create.values())));
    target.put("project_id", create.projectId());
    target.put("tenant_id", create.projectId());
    request.enforce(target);
    noun.bodies()
        .rulesFor("create", create.values())
        .forEach(rule -> request.enforce(rule, target));
  }

  /** Reads an update of a row and checks the rules of the attributes given. */
  public Update update(ApiRequest request, ObjectNode row) {
    Values values = noun.bodies().update(noun.dialect().toUpdate(request, noun));
    Map<String, String> target = Noun.target(row);
    target.putAll(Noun.target(nodeOf(values)));
    noun.bodies().rulesFor("update", values).forEach(rule -> request.enforce(rule, target));
    return new Update(noun.id(row), row, values, noun.dialect().visibleTo(request));
  }

  private static ObjectNode nodeOf(Values values) {
    ObjectNode node = Json.object();
    values.nodes().forEach(node::set);
    return node;
  }
}
