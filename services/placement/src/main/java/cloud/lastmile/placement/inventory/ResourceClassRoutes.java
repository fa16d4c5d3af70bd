package cloud.lastmile.placement.inventory;

import cloud.lastmile.placement.common.PlacementRules;
import cloud.lastmile.placement.common.StandardNames;
import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.placement.provider.Bodies;
import cloud.lastmile.placement.provider.NameStore;
import cloud.lastmile.placement.provider.Names;
import cloud.lastmile.placement.provider.PlacementEvents;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /resource_classes}. */
public final class ResourceClassRoutes {
  private final Database database;
  private final InventoryStore inventories;
  private final PlacementEvents events;

  public ResourceClassRoutes(
      Database database, InventoryStore inventories, PlacementEvents events) {
    this.database = database;
    this.inventories = inventories;
    this.events = events;
  }

  public List<Route> routes() {
    String all = "/resource_classes";
    String one = all + "/{name}";
    return List.of(
        Route.get(all, PlacementRules.LIST_CLASSES, this::list).from("1.2"),
        Route.post(all, PlacementRules.CREATE_CLASS, this::create).from("1.2"),
        Route.get(one, PlacementRules.SHOW_CLASS, this::show).from("1.2"),
        Route.put(one, PlacementRules.UPDATE_CLASS, this::rename).from("1.2").upTo("1.6"),
        Route.put(one, PlacementRules.UPDATE_CLASS, this::ensure).from("1.7"),
        Route.delete(one, PlacementRules.DELETE_CLASS, this::delete).from("1.2"));
  }

  private ApiResponse list(ApiRequest request) {
    ObjectNode answer = Json.object();
    ArrayNode shown = answer.putArray("resource_classes");
    database.read(NameStore.CLASSES::all).forEach(name -> shown.add(render(name)));
    return Versions.stampedNow(request, ApiResponse.ok(answer));
  }

  private static ObjectNode render(String name) {
    ObjectNode tree = Json.object().put("name", name);
    tree.putArray("links").addObject().put("rel", "self").put("href", path(name));
    return tree;
  }

  private static String path(String name) {
    return "/placement/resource_classes/" + name;
  }

  private static String customName(ApiRequest request) {
    Fields body = Bodies.object(request);
    Fields.Value name = body.required("name");
    String text = name.text(1, StandardNames.MAX_LENGTH);
    body.rejectUnknown();
    if (!StandardNames.isCustom(text)) {
      throw name.invalid("'" + text + "' does not match '^CUSTOM_[A-Z0-9_]+$'");
    }
    return text;
  }

  private ApiResponse create(ApiRequest request) {
    String name = customName(request);
    if (!add(request, name)) {
      throw ApiException.conflict("Conflicting resource class already exists: " + name);
    }
    return ApiResponse.empty(201).header("Location", request.baseUrl() + path(name));
  }

  /** Whether it is new. */
  private boolean add(ApiRequest request, String name) {
    return database.transact(handle -> {
      boolean added = NameStore.CLASSES.add(handle, name);
      if (added) {
        tell(handle, "create", name, request);
      }
      return added;
    });
  }

  private void tell(Handle handle, String what, String name, ApiRequest request) {
    events.named(handle, "resource_class", what, name, request.context().requestId());
  }

  private ApiResponse show(ApiRequest request) {
    String name = request.path("name");
    if (!database.read(handle -> NameStore.CLASSES.has(handle, name))) {
      throw ApiException.notFound(Names.noClass(name));
    }
    return Versions.stampedNow(request, ApiResponse.ok(render(name)));
  }

  private ApiResponse rename(ApiRequest request) {
    String name = request.path("name");
    String next = customName(request);
    if (NameStore.CLASSES.isStandard(name)) {
      throw ApiException.badRequest("Cannot update standard resource class " + name);
    }
    database.change(handle -> {
      if (!name.equals(next) && NameStore.CLASSES.has(handle, next)) {
        throw ApiException.conflict("Resource class already exists: " + next);
      }
      if (!NameStore.CLASSES.rename(handle, name, next)) {
        throw ApiException.notFound(Names.noClass(name));
      }
      if (inventories.usesClass(handle, name)) {
        throw ApiException.conflict("Resource class " + name + " is in use in inventory.");
      }
      tell(handle, "update", name, request);
    });
    return ApiResponse.ok(render(next));
  }

  private ApiResponse ensure(ApiRequest request) {
    String name = request.path("name");
    if (!StandardNames.isCustom(name)) {
      throw ApiException.invalidField(
          "name", name, "'" + name + "' does not match '^CUSTOM_[A-Z0-9_]+$'");
    }
    boolean added = add(request, name);
    return ApiResponse.empty(added ? 201 : 204).header("Location", request.baseUrl() + path(name));
  }

  private ApiResponse delete(ApiRequest request) {
    String name = request.path("name");
    if (NameStore.CLASSES.isStandard(name)) {
      throw ApiException.badRequest(
          "Error in delete resource class: Cannot delete standard resource class " + name + ".");
    }
    database.change(handle -> {
      if (!NameStore.CLASSES.delete(handle, name)) {
        throw ApiException.notFound(Names.noClass(name));
      }
      if (inventories.usesClass(handle, name)) {
        throw ApiException.conflict(
            "Error in delete resource class: Cannot delete resource class "
                + name
                + ". Class is in use in inventory.");
      }
      tell(handle, "delete", name, request);
    });
    return ApiResponse.empty(204);
  }
}
