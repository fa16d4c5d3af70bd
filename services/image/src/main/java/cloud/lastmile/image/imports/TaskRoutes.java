package cloud.lastmile.image.imports;

import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageAccess.Seen;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.task.TaskJson;
import cloud.lastmile.image.task.TaskSchemas;
import cloud.lastmile.image.task.TaskStore;
import cloud.lastmile.image.task.TaskWatch;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListColumn;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.Urls;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2/tasks} and an image's tasks. */
public final class TaskRoutes {
  private static final int DEFAULT_LIMIT = 25;
  private static final int MAX_LIMIT = 1_000;

  private static final ListQuery<TaskStore.Task> LIST =
      ListQuery.of("image.task t", "t.*", (row, _) -> TaskStore.read(row))
          .column(ListColumn.uuid("id", "t.id").sortOnly())
          .column(ListColumn.text("status", "t.status"))
          .column(ListColumn.text("type", "t.type"))
          .column(ListColumn.text("owner", "t.owner"))
          .column(ListColumn.timestamp("created_at", "t.created_at").sortOnly())
          .column(ListColumn.timestamp("updated_at", "t.updated_at").sortOnly())
          .column(ListColumn.timestamp("expires_at", "t.expires_at").orNull().sortOnly())
          .sortedBy("created_at", false);

  private final Database database;
  private final ImageAccess access;
  private final TaskStore tasks;
  private final TaskCreate create;
  private final TaskWatch watch;

  public TaskRoutes(
      Database database, ImageAccess access, TaskStore tasks, TaskCreate create, TaskWatch watch) {
    this.create = create;
    this.database = database;
    this.access = access;
    this.tasks = tasks;
    this.watch = watch;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v2/images/{image_id}/tasks", ImageRules.GET, this::ofImage).enforcedByHandler(),
        Route.get("/v2/images/{image_id}/tasks/events", ImageRules.GET, this::events)
            .enforcedByHandler(),
        Route.get("/v2/tasks", ImageRules.TASKS, this::list),
        Route.post("/v2/tasks", ImageRules.TASKS, this::create),
        Route.get("/v2/tasks/{task_id}", ImageRules.TASKS, this::show),
        Route.delete("/v2/tasks/{task_id}", ImageRules.TASKS, TaskRoutes::delete));
  }

  private ApiResponse ofImage(ApiRequest request) {
    Seen seen = access.see(request);
    request.enforce(seen.target());
    ObjectNode answer = Json.object();
    ArrayNode shown = answer.putArray("tasks");
    database
        .read(handle -> tasks.ofImage(handle, seen.id()))
        .forEach(task -> shown.add(TaskJson.ofImage(task)));
    return ApiResponse.ok(answer);
  }

  /**
   * Server-sent events: the image's tasks as they are and whenever they change, until all ended.
   */
  private ApiResponse events(ApiRequest request) {
    Seen seen = access.see(request);
    request.enforce(seen.target());
    return ApiResponse.stream(
            200, "text/event-stream", -1, output -> watch.stream(seen.id(), output))
        .header("Cache-Control", "no-store");
  }

  private ApiResponse list(ApiRequest request) {
    Map<String, List<String>> query = request.query();
    demandOneOf("status", request.query("status").orElse("pending"), TaskSchemas.STATUSES);
    demandOneOf("type", request.query("type").orElse(TaskStore.IMPORT), TaskSchemas.TYPES);
    ListPage<TaskStore.Task> page =
        database.read(handle ->
            LIST.asked(query, ListDialect.paged(MAX_LIMIT).withDefaultLimit(DEFAULT_LIMIT))
                .run(handle));
    ObjectNode answer = Json.object();
    ArrayNode shown = answer.putArray("tasks");
    page.rows().forEach(task -> shown.add(TaskJson.stub(task)));
    Map<String, List<String>> parameters = new LinkedHashMap<>(query);
    parameters.remove("marker");
    answer.put("first", "/v2/tasks" + Urls.query(parameters));
    if (page.hasMore()) {
      parameters.put("marker", List.of(page.rows().getLast().id().toString()));
      answer.put("next", "/v2/tasks" + Urls.query(parameters));
    }
    answer.put("schema", "/v2/schemas/tasks");
    return ApiResponse.ok(answer);
  }

  private static void demandOneOf(String name, String value, List<String> values) {
    if (!values.contains(value)) {
      throw ApiException.badRequest("Invalid " + name + " value: " + value);
    }
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("task_id");
    return ApiResponse.ok(
        Ids.parseUuid(id)
            .flatMap(task -> database.read(handle -> tasks.find(handle, task)))
            .map(TaskJson::whole)
            .orElseThrow(() ->
                ApiException.notFound(
                    "Failed to find task %s. Reason: No task found with ID %s".formatted(id, id))));
  }

  private ApiResponse create(ApiRequest request) {
    TaskStore.Task task = create.run(request, request.json());
    return ApiResponse.json(201, TaskJson.whole(task)).header("Location", "/v2/tasks/" + task.id());
  }

  private static ApiResponse delete(ApiRequest request) {
    throw ApiException.of(
        Kind.METHOD_NOT_ALLOWED,
        "This operation is currently not permitted on Glance Tasks. They are auto deleted after"
            + " reaching the time based on their expires_at property.");
  }
}
