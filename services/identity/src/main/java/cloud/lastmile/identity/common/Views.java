package cloud.lastmile.identity.common;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Urls;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Identity's envelopes and links, the same for every noun. */
public final class Views {
  public static final String PREFIX = "/identity";

  private Views() {}

  /** {@code scheme://host/identity/v3}, as the client reached us. */
  public static String root(ApiRequest request) {
    return request.baseUrl() + PREFIX + "/v3";
  }

  /** Adds {@code links.self} at {@code /v3/<path>} to a resource. */
  public static ObjectNode linked(ApiRequest request, String path, ObjectNode view) {
    view.putObject("links").put("self", root(request) + "/" + path);
    return view;
  }

  /** {@code {"user": {...}}}. */
  public static ApiResponse member(int status, String key, ObjectNode view) {
    ObjectNode body = Json.object();
    body.set(key, view);
    return ApiResponse.json(status, body);
  }

  /** A whole list. */
  public static ApiResponse collection(ApiRequest request, String key, List<ObjectNode> views) {
    return ApiResponse.ok(collectionBody(request, key, views, false));
  }

  /**
   * A list with its links.
   *
   * @param hasMore whether a page follows; it starts after the last of these views
   */
  public static ObjectNode collectionBody(
      ApiRequest request, String key, List<ObjectNode> views, boolean hasMore) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray(key);
    views.forEach(array::add);
    ObjectNode links = body.putObject("links");
    links.putNull("next");
    links.put("self", request.baseUrl() + request.rawPath() + Urls.query(request.query()));
    links.putNull("previous");
    if (hasMore && !views.isEmpty()) {
      Map<String, List<String>> next = new TreeMap<>(request.query());
      next.put("marker", List.of(views.getLast().path("id").asString()));
      links.put("next", request.baseUrl() + request.rawPath() + Urls.query(next));
      body.put("truncated", true);
    }
    return body;
  }
}
