package cloud.lastmile.image.metadef;

import cloud.lastmile.image.metadef.MetadefStore.Item;
import cloud.lastmile.image.metadef.MetadefStore.Namespace;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListColumn;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Work;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.Urls;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2/metadefs/namespaces}. */
public final class NamespaceRoutes {
  private static final int DEFAULT_LIMIT = 25;
  private static final int MAX_LIMIT = 1_000;
  private static final List<ItemKind> ALL = List.of(ItemKind.values());
  private static final List<ItemKind> ASSOCIATIONS = List.of(ItemKind.RESOURCE_TYPE);

  private static final ListQuery<Namespace> LIST =
      ListQuery.of("image.metadef_namespace n", "n.*", (row, _) -> MetadefStore.namespace(row))
          .column(ListColumn.text("namespace", "n.namespace"))
          .column(ListColumn.text("visibility", "n.visibility"))
          .column(ListColumn.text("owner", "n.owner"))
          .column(ListColumn.timestamp("created_at", "n.created_at").sortOnly())
          .column(ListColumn.timestamp("updated_at", "n.updated_at").sortOnly())
          .filter("resource_types", NamespaceRoutes::forResources)
          .sortedBy("created_at", false);

  private final Database database;
  private final MetadefStore store = new MetadefStore();

  public NamespaceRoutes(Database database) {
    this.database = database;
  }

  /** With those of what namespaces have. */
  public List<Route> routes() {
    String one = MetadefJson.NAMESPACES + "/{namespace}";
    List<Route> routes =
        new ArrayList<>(
            List.of(
                Route.get(MetadefJson.NAMESPACES, MetadefRules.LIST_NAMESPACES, this::list),
                Route.post(MetadefJson.NAMESPACES, MetadefRules.ADD_NAMESPACE, this::create),
                Route.get(one, MetadefRules.GET_NAMESPACE, this::show).enforcedByHandler(),
                Route.put(one, MetadefRules.MODIFY_NAMESPACE, this::update).enforcedByHandler(),
                Route.delete(one, MetadefRules.DELETE_NAMESPACE, this::delete).enforcedByHandler(),
                Route.get(
                    "/v2/metadefs/resource_types",
                    MetadefRules.LIST_RESOURCE_TYPES,
                    this::resourceTypes)));
    for (ItemKind kind : ItemKind.values()) {
      routes.addAll(new ItemRoutes(database, store, kind).routes());
    }
    return routes;
  }

  private static Condition forResources(List<String> values) {
    return Condition.of(
        """
        EXISTS (SELECT 1 FROM image.metadef_item r WHERE r.namespace = n.namespace
          AND r.kind = 'resource_type' AND r.name = ANY (string_to_array({}, ',')))\
        """,
        values.getLast().replace("\0", ""));
  }

  private ApiResponse list(ApiRequest request) {
    Map<String, List<String>> query = request.query();
    request
        .query("visibility")
        .filter(text -> !text.equals("public") && !text.equals("private"))
        .ifPresent(text -> {
          throw ApiException.badRequest("Invalid visibility value: " + text);
        });
    Caller caller = request.caller();
    Condition visible =
        caller.hasRole("admin")
            ? Condition.of("TRUE")
            : Condition.of(
                "(n.visibility = 'public' OR n.owner = {})", caller.projectId().orElse(""));
    ObjectNode answer = Json.object();
    ArrayNode shown = answer.putArray("namespaces");
    database.change(handle -> {
      ListPage<Namespace> page = page(handle, query, visible);
      List<String> names = page.rows().stream().map(Namespace::name).toList();
      List<Item> items = store.items(handle, names, ASSOCIATIONS);
      for (Namespace namespace : page.rows()) {
        List<Item> its =
            items.stream().filter(item -> item.namespace().equals(namespace.name())).toList();
        shown.add(MetadefJson.namespace(namespace, its, ""));
      }
      Map<String, List<String>> parameters = new LinkedHashMap<>(query);
      parameters.remove("marker");
      answer.put("first", MetadefJson.NAMESPACES + Urls.query(parameters));
      if (page.hasMore()) {
        parameters.put("marker", List.of(names.getLast()));
        answer.put("next", MetadefJson.NAMESPACES + Urls.query(parameters));
      }
    });
    answer.put("schema", "/v2/schemas/metadefs/namespaces");
    return ApiResponse.ok(answer);
  }

  private static ListPage<Namespace> page(
      Handle handle, Map<String, List<String>> query, Condition visible) {
    try {
      return LIST.asked(query, ListDialect.paged(MAX_LIMIT).withDefaultLimit(DEFAULT_LIMIT))
          .within(visible)
          .run(handle);
    } catch (ApiException failure) {
      throw ItemRoutes.missingMarker(failure);
    }
  }

  private static Namespace parse(Fields fields, String owner) {
    MetadefInput.refuseReadOnly(fields);
    String visibility =
        fields.optional("visibility").map(value -> value.text(0, 20)).orElse("private");
    if (!visibility.equals("public") && !visibility.equals("private")) {
      throw fields.invalid("visibility", "it is not one of ['public', 'private']");
    }
    return new Namespace(
        fields.string("namespace", 1, 80),
        fields.optional("display_name").map(value -> value.text(0, 80)),
        fields.optional("description").map(value -> value.text(0, 500)),
        visibility,
        fields.bool("protected", false),
        fields.optional("owner").map(value -> value.text(1, 255)).orElse(owner),
        Instant.EPOCH,
        Instant.EPOCH);
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body();
    Namespace namespace = parse(fields, request.caller().projectId().orElse(""));
    Contents contents = Contents.of(fields);
    fields.rejectUnknown();
    ObjectNode shown =
        written(
            namespace.name(),
            handle -> {
              store.insert(handle, namespace);
              insertAll(handle, namespace, ItemKind.OBJECT, contents.objects());
              insertAll(handle, namespace, ItemKind.TAG, contents.tags());
              insertAll(handle, namespace, ItemKind.RESOURCE_TYPE, contents.resourceTypes());
              contents
                  .properties()
                  .forEach((name, body) ->
                      store.insert(handle, namespace.name(), ItemKind.PROPERTY, name, body));
              return render(handle, namespace.name());
            });
    return ApiResponse.json(201, shown)
        .header("Location", MetadefJson.NAMESPACES + "/" + namespace.name());
  }

  /** What a namespace may be made with. */
  private record Contents(
      List<MetadefInput.Parsed> objects,
      List<MetadefInput.Parsed> tags,
      List<MetadefInput.Parsed> resourceTypes,
      Map<String, ObjectNode> properties) {

    static Contents of(Fields fields) {
      return new Contents(
          nested(fields, "objects", ItemKind.OBJECT),
          nested(fields, "tags", ItemKind.TAG),
          nested(fields, "resource_type_associations", ItemKind.RESOURCE_TYPE),
          fields
              .optional("properties")
              .map(value -> MetadefInput.properties(value.object()))
              .orElse(Map.of()));
    }

    private static List<MetadefInput.Parsed> nested(Fields fields, String name, ItemKind kind) {
      return fields
          .optional(name)
          .map(value ->
              value.values().stream()
                  .map(item -> MetadefInput.nested(kind, item.object()))
                  .toList())
          .orElse(List.of());
    }
  }

  private void insertAll(
      Handle handle, Namespace namespace, ItemKind kind, List<MetadefInput.Parsed> items) {
    items.forEach(item -> store.insert(handle, namespace.name(), kind, item.name(), item.body()));
  }

  private ObjectNode written(String name, Work<ObjectNode> work) {
    try {
      return database.transact(work);
    } catch (RuntimeException failure) {
      Optional<String> violated = Database.violated(failure);
      if (violated.filter(MetadefStore.NAMESPACE_KEY::equals).isPresent()) {
        throw ApiException.conflict(
            "The metadata definition namespace=" + name + " already exists.");
      }
      if (violated.filter(MetadefStore.ITEM_KEY::equals).isPresent()) {
        throw ApiException.conflict("The namespace " + name + " has two items of one name.");
      }
      throw failure;
    }
  }

  private ObjectNode render(Handle handle, String name) {
    return MetadefJson.namespace(
        store.find(handle, name).orElseThrow(() -> ItemRoutes.noNamespace(name)),
        store.items(handle, List.of(name), ALL),
        "");
  }

  private ApiResponse show(ApiRequest request) {
    Namespace namespace = ItemRoutes.see(database, store, request);
    List<Item> items = database.read(handle -> store.items(handle, List.of(namespace.name()), ALL));
    String prefix =
        request.query("resource_type").map(type -> ItemRoutes.prefix(items, type)).orElse("");
    return ApiResponse.ok(MetadefJson.namespace(namespace, items, prefix));
  }

  /** What is in the namespace stays as it is, also if the client sends it back. */
  private ApiResponse update(ApiRequest request) {
    Fields fields = request.body();
    Namespace wanted = parse(fields, request.caller().projectId().orElse(""));
    Contents.of(fields);
    fields.rejectUnknown();
    String name = ItemRoutes.see(database, store, request).name();
    return ApiResponse.ok(
        written(
            wanted.name(),
            handle -> {
              store.update(handle, name, wanted);
              return render(handle, wanted.name());
            }));
  }

  private ApiResponse delete(ApiRequest request) {
    String name = ItemRoutes.see(database, store, request).name();
    database.change(handle -> {
      Namespace namespace =
          store.find(handle, name).orElseThrow(() -> ItemRoutes.noNamespace(name));
      if (namespace.isProtected()) {
        throw ApiException.forbidden(
            "Metadata definition namespace " + name + " is protected and cannot be deleted.");
      }
      if (!store.delete(handle, name)) {
        throw ItemRoutes.noNamespace(name);
      }
    });
    return ApiResponse.empty(204);
  }

  private ApiResponse resourceTypes(ApiRequest request) {
    ObjectNode answer = Json.object();
    ArrayNode shown = answer.putArray("resource_types");
    database
        .read(store::resourceTypes)
        .forEach(type -> {
          ObjectNode tree = shown.addObject().put("name", type.name());
          MetadefJson.times(tree, type.createdAt(), type.updatedAt());
        });
    return ApiResponse.ok(answer);
  }
}
