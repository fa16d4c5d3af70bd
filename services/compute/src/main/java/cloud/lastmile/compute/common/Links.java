package cloud.lastmile.compute.common;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Urls;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Links as nova writes them: {@code self} with the version, {@code bookmark} without. */
public final class Links {
  public static final String PREFIX = "/compute";
  private static final String VERSION = "/v2.1/";

  private Links() {}

  public static String self(String baseUrl, String collection, String id) {
    return baseUrl + PREFIX + VERSION + collection + "/" + id;
  }

  public static String bookmark(String baseUrl, String collection, String id) {
    return baseUrl + PREFIX + "/" + collection + "/" + id;
  }

  public static ArrayNode of(ApiRequest request, String collection, String id) {
    ArrayNode links = Json.array();
    links.addObject().put("rel", "self").put("href", self(request.baseUrl(), collection, id));
    links
        .addObject()
        .put("rel", "bookmark")
        .put("href", bookmark(request.baseUrl(), collection, id));
    return links;
  }

  /** Adds {@code <collection>_links} to a page that others follow. */
  public static void next(
      ObjectNode body, ApiRequest request, String collection, String path, String lastId) {
    body.putArray(collection + "_links")
        .addObject()
        .put("rel", "next")
        .put("href", nextUrl(request, path, lastId));
  }

  /** The same request with another marker. */
  public static String nextUrl(ApiRequest request, String path, String lastId) {
    Map<String, List<String>> query = new LinkedHashMap<>(request.query());
    query.remove("marker");
    query.put("marker", List.of(lastId));
    return request.baseUrl() + PREFIX + VERSION + path + Urls.query(query);
  }
}
