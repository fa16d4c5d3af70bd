package cloud.lastmile.image.metadef;

import cloud.lastmile.image.metadef.MetadefStore.Item;
import cloud.lastmile.image.metadef.MetadefStore.Namespace;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListColumn;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Work;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a namespace has of one kind: {@code /v2/metadefs/namespaces/{namespace}/objects} etc. */
final class ItemRoutes {
  /** Of objects and tags; a marker is a name. */
  private static final ListQuery<Item> LIST =
      ListQuery.of("image.metadef_item i", "i.*", (row, _) -> MetadefStore.item(row))
          .column(ListColumn.text("name", "i.name").sortOnly())
          .column(ListColumn.timestamp("created_at", "i.created_at").sortOnly())
          .column(ListColumn.timestamp("updated_at", "i.updated_at").sortOnly())
          .sortedBy("created_at", false);

  /** What the reference's headers say for yes. */
  private static final Set<String> TRUE = Set.of("1", "t", "true", "on", "y", "yes");

  private static final List<String> VISIBILITIES = List.of("public", "private", "shared");

  private final Database database;
  private final MetadefStore store;
  private final ItemKind kind;

  ItemRoutes(Database database, MetadefStore store, ItemKind kind) {
    this.database = database;
    this.store = store;
    this.kind = kind;
  }

  List<Route> routes() {
    String all = MetadefJson.NAMESPACES + "/{namespace}/" + kind.path();
    String one = all + "/{name}";
    List<Route> routes =
        new ArrayList<>(
            List.of(
                Route.get(all, MetadefRules.list(kind), this::list),
                Route.delete(one, MetadefRules.remove(kind), this::delete)));
    if (kind == ItemKind.TAG) {
      routes.add(Route.post(all, MetadefRules.ADD_TAGS, this::createTags));
      routes.add(Route.post(one, MetadefRules.add(kind), this::createTag));
    } else {
      routes.add(Route.post(all, MetadefRules.add(kind), this::create));
    }
    if (kind != ItemKind.RESOURCE_TYPE) {
      routes.add(Route.get(one, MetadefRules.read(kind), this::show));
      routes.add(Route.put(one, MetadefRules.modify(kind), this::update));
      routes.add(Route.delete(all, MetadefRules.removeAll(kind), this::deleteAll));
    }
    return routes.stream().map(Route::enforcedByHandler).toList();
  }

  static ApiException noNamespace(String name) {
    return ApiException.notFound("Namespace " + name + " not found");
  }

  /** The namespace that the path names, if the caller may see it and do what the route does. */
  static Namespace see(Database database, MetadefStore store, ApiRequest request) {
    String name = request.path("namespace");
    Namespace namespace =
        database.read(handle -> store.find(handle, name)).orElseThrow(() -> noNamespace(name));
    Map<String, String> target =
        Map.of("project_id", namespace.owner(), "visibility", namespace.visibility());
    if (!request.allows(MetadefRules.GET_NAMESPACE, target)) {
      throw noNamespace(name);
    }
    request.enforce(target);
    return namespace;
  }

  /** What a resource type puts before the names of properties. */
  static String prefix(List<Item> items, String resourceType) {
    return items.stream()
        .filter(item -> item.kind() == ItemKind.RESOURCE_TYPE && item.name().equals(resourceType))
        .findFirst()
        .map(item -> item.body().path("prefix").asString(""))
        .orElse("");
  }

  private ApiResponse list(ApiRequest request) {
    Namespace namespace = see(database, store, request);
    boolean isPaged = kind == ItemKind.OBJECT || kind == ItemKind.TAG;
    List<Item> items =
        isPaged
            ? page(request, namespace)
            : database.read(
                handle -> store.items(handle, List.of(namespace.name()), List.of(kind)));
    ObjectNode answer = Json.object();
    if (kind == ItemKind.PROPERTY) {
      ObjectNode shown = answer.putObject("properties");
      items.forEach(item -> shown.set(item.name(), MetadefJson.property(item, "")));
      return ApiResponse.ok(answer);
    }
    ArrayNode shown =
        answer.putArray(
            kind == ItemKind.RESOURCE_TYPE ? "resource_type_associations" : kind.path());
    items.forEach(item ->
        shown.add(kind == ItemKind.TAG ? MetadefJson.tag(item.name()) : MetadefJson.item(item)));
    if (kind == ItemKind.OBJECT) {
      answer.put("schema", "/v2/schemas/metadefs/objects");
    }
    return ApiResponse.ok(answer);
  }

  private List<Item> page(ApiRequest request, Namespace namespace) {
    request
        .query("visibility")
        .filter(text -> !VISIBILITIES.contains(text))
        .ifPresent(text -> {
          throw ApiException.badRequest("Invalid visibility value: " + text);
        });
    ListDialect dialect =
        ListDialect.unlimited()
            .withZero(
                kind == ItemKind.OBJECT ? ListDialect.Zero.REFUSED : ListDialect.Zero.NO_ROWS);
    try {
      return database
          .read(handle ->
              LIST.asked(request.query(), dialect)
                  .within(
                      Condition.of(
                          "i.namespace = {} AND i.kind = {}", namespace.name(), kind.column()))
                  .run(handle))
          .rows();
    } catch (ApiException failure) {
      throw missingMarker(failure);
    }
  }

  /** A marker is the name of something; unlike an image's, one that is unknown is not found. */
  static ApiException missingMarker(ApiException failure) {
    return failure
        .field()
        .filter(field -> field.name().equals("marker"))
        .map(field -> ApiException.notFound(field.reason()))
        .orElse(failure);
  }

  private ObjectNode render(Item item) {
    return kind == ItemKind.PROPERTY ? MetadefJson.property(item, "") : MetadefJson.item(item);
  }

  private <T> T written(String namespace, String name, Work<T> work) {
    try {
      return database.transact(handle -> {
        demandNamespace(handle, namespace);
        return work.run(handle);
      });
    } catch (RuntimeException failure) {
      throw Database.violated(failure).filter(MetadefStore.ITEM_KEY::equals).isPresent()
          ? ApiException.conflict(
              "A metadata definition %s with name=%s already exists in namespace=%s."
                  .formatted(kind.schema(), name, namespace))
          : failure;
    }
  }

  private void demandNamespace(Handle handle, String namespace) {
    if (store.find(handle, namespace).isEmpty()) {
      throw noNamespace(namespace);
    }
  }

  private ApiResponse create(ApiRequest request) {
    MetadefInput.Parsed parsed = MetadefInput.item(kind, request.body());
    String namespace = see(database, store, request).name();
    Item item =
        written(
            namespace,
            parsed.name(),
            handle -> store.insert(handle, namespace, kind, parsed.name(), parsed.body()));
    return ApiResponse.json(201, render(item));
  }

  private ApiResponse createTag(ApiRequest request) {
    String namespace = see(database, store, request).name();
    String name = request.path("name");
    if (name.isEmpty() || name.length() > 80 || name.indexOf('\0') >= 0) {
      throw ApiException.invalidField("name", name, "'" + name + "' is not the name of a tag");
    }
    Item item =
        written(
            namespace, name, handle -> store.insert(handle, namespace, kind, name, Json.object()));
    return ApiResponse.json(201, render(item));
  }

  /** Replaces all tags, or adds to them if {@code X-Openstack-Append} says so. */
  private ApiResponse createTags(ApiRequest request) {
    Fields fields = request.body();
    List<String> names =
        fields.required("tags").values().stream()
            .map(tag -> MetadefInput.item(kind, tag.object()).name())
            .toList();
    fields.rejectUnknown();
    String namespace = see(database, store, request).name();
    String append = request.header("X-Openstack-Append").orElse("");
    boolean appends = TRUE.contains(append.strip().toLowerCase(Locale.ROOT));
    written(
        namespace,
        String.join(", ", names),
        handle -> {
          if (!appends) {
            store.deleteAll(handle, namespace, kind);
          }
          names.forEach(name -> store.insert(handle, namespace, kind, name, Json.object()));
          return names;
        });
    ObjectNode answer = Json.object();
    ArrayNode shown = answer.putArray("tags");
    names.forEach(name -> shown.add(MetadefJson.tag(name)));
    return ApiResponse.json(201, answer);
  }

  private Item find(String namespace, String name) {
    return database
        .read(handle -> store.item(handle, namespace, kind, name))
        .orElseThrow(() -> missing(namespace, name));
  }

  private ApiException missing(String namespace, String name) {
    return ApiException.notFound(
        "The metadata definition %s with name=%s was not found in namespace=%s."
            .formatted(kind.schema(), name, namespace));
  }

  private ApiResponse show(ApiRequest request) {
    Namespace namespace = see(database, store, request);
    String name = request.path("name");
    Optional<String> type = request.query("resource_type").filter(text -> !text.isEmpty());
    if (kind != ItemKind.PROPERTY || type.isEmpty()) {
      return ApiResponse.ok(render(find(namespace.name(), name)));
    }
    String prefix = prefix(namespace, type.get());
    if (prefix.isEmpty() || !name.startsWith(prefix)) {
      throw ApiException.notFound(
          "Property %s does not start with the expected resource type association prefix of '%s'."
              .formatted(name, prefix));
    }
    Item item = find(namespace.name(), name.substring(prefix.length()));
    return ApiResponse.ok(MetadefJson.property(item, prefix));
  }

  /** What a resource type that is associated with the namespace puts before names. */
  private String prefix(Namespace namespace, String resourceType) {
    return database
        .read(handle -> store.item(handle, namespace.name(), ItemKind.RESOURCE_TYPE, resourceType))
        .orElseThrow(() ->
            ApiException.notFound(
                "The resource type %s is not associated with the namespace %s."
                    .formatted(resourceType, namespace.name())))
        .body()
        .path("prefix")
        .asString("");
  }

  private ApiResponse update(ApiRequest request) {
    MetadefInput.Parsed parsed = MetadefInput.item(kind, request.body());
    String namespace = see(database, store, request).name();
    Item present = find(namespace, request.path("name"));
    Item item =
        written(
            namespace,
            parsed.name(),
            handle ->
                store
                    .update(handle, present, parsed.name(), parsed.body())
                    .orElseThrow(() -> missing(namespace, present.name())));
    return ApiResponse.ok(render(item));
  }

  private ApiResponse delete(ApiRequest request) {
    String namespace = see(database, store, request).name();
    String name = request.path("name");
    database.change(handle -> {
      demandUnprotected(handle, namespace);
      if (!store.delete(handle, namespace, kind, name)) {
        throw missing(namespace, name);
      }
    });
    return ApiResponse.empty(204);
  }

  private void demandUnprotected(Handle handle, String namespace) {
    Namespace found = store.find(handle, namespace).orElseThrow(() -> noNamespace(namespace));
    if (found.isProtected()) {
      throw ApiException.forbidden(
          "The metadata definition namespace " + namespace + " is protected.");
    }
  }

  private ApiResponse deleteAll(ApiRequest request) {
    String namespace = see(database, store, request).name();
    database.change(handle -> {
      demandUnprotected(handle, namespace);
      store.deleteAll(handle, namespace, kind);
    });
    return ApiResponse.empty(204);
  }
}
