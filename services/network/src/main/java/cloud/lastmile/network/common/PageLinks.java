package cloud.lastmile.network.common;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Urls;
import cloud.lastmile.platform.resource.Page;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;

/** The links to the pages before and after this one, as the reference gives them. */
final class PageLinks {
  private PageLinks() {}

  /** Rows of a page backwards, at most: it is read at once. */
  private static final int MOST_BACKWARDS = 1_000;

  static boolean isBackwards(ApiRequest request) {
    return request.query().containsKey("page_reverse");
  }

  /** Without a limit, but for pages backwards, which are read at once. */
  static ListDialect dialect(ApiRequest request) {
    return isBackwards(request)
        ? new ListDialect(MOST_BACKWARDS, MOST_BACKWARDS, ListDialect.Zero.NO_LIMIT, true, false)
        : ListDialect.unlimited();
  }

  /** Empty unless the client asked for a limit. */
  static ArrayNode of(ApiRequest request, Page page) {
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
    if (isBackwards(request)) {
      limit = Math.min(limit, MOST_BACKWARDS);
    }
    boolean reverse = request.query("page_reverse").filter("true"::equalsIgnoreCase).isPresent();
    boolean full = page.count() >= limit;
    if (full || reverse) {
      links.addObject().put("rel", "next").put("href", href(request, page.last(), false));
    }
    if (full || !reverse) {
      links.addObject().put("rel", "previous").put("href", href(request, page.first(), true));
    }
    return links;
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
