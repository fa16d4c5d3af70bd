package cloud.lastmile.network.resource;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Urls;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;

/** The links to the pages before and after this one, as the reference gives them. */
final class PageLinks {
  private PageLinks() {}

  /** Empty unless the client asked for a limit. */
  static ArrayNode of(ApiRequest request, List<Noun.Line> rows) {
    ArrayNode links = Json.array();
    int limit =
        request
            .query("limit")
            .filter(text -> text.matches("\\d{1,9}"))
            .map(Integer::parseInt)
            .orElse(0);
    if (limit == 0) {
      return links;
    }
    boolean reverse = request.query("page_reverse").filter("true"::equalsIgnoreCase).isPresent();
    boolean full = rows.size() >= limit;
    if (full || reverse) {
      links.addObject().put("rel", "next").put("href", href(request, marker(rows, true), false));
    }
    if (full || !reverse) {
      links
          .addObject()
          .put("rel", "previous")
          .put("href", href(request, marker(rows, false), true));
    }
    return links;
  }

  private static String marker(List<Noun.Line> rows, boolean last) {
    if (rows.isEmpty()) {
      return "";
    }
    return (last ? rows.getLast() : rows.getFirst()).id();
  }

  private static String href(ApiRequest request, String marker, boolean reverse) {
    Map<String, List<String>> query = new LinkedHashMap<>(request.query());
    query.remove("marker");
    query.remove("page_reverse");
    if (!marker.isEmpty()) {
      query.put("marker", List.of(marker));
    }
    if (reverse) {
      query.put("page_reverse", List.of("True"));
    }
    return request.baseUrl() + request.rawPath() + Urls.query(query);
  }
}
