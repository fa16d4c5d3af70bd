package cloud.lastmile.identity.catalog;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.Kept;
import cloud.lastmile.platform.core.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The catalog as tokens carry it. */
public final class Catalog {
  private static final Pattern PLACEHOLDER =
      Pattern.compile("[$%]\\((project_id|tenant_id|user_id)\\)s");

  private final Kept<CatalogContent> kept;

  public Catalog(AccessControl control) {
    this.kept =
        control.keepCatalog(handle ->
            new CatalogContent(CatalogStore.catalog(handle), EndpointGroupStore.narrowed(handle)));
  }

  /**
   * Services with their endpoints. An endpoint whose URL needs a project is left out when the scope
   * is none; a project may be narrowed to some endpoints.
   */
  public ArrayNode render(String userId, Optional<String> projectId) {
    List<CatalogEntry> entries = kept.get().seenBy(projectId);
    Map<String, ObjectNode> services = new LinkedHashMap<>();
    for (CatalogEntry entry : entries) {
      ObjectNode service = services.computeIfAbsent(entry.serviceId(), _ -> service(entry));
      ((ArrayNode) service.path("endpoints")).addAll(endpoint(entry, userId, projectId));
    }
    ArrayNode catalog = Json.array();
    services.values().forEach(catalog::add);
    return catalog;
  }

  private static ObjectNode service(CatalogEntry entry) {
    ObjectNode service = Json.object();
    service.putArray("endpoints");
    service.put("id", entry.serviceId());
    service.put("type", entry.type());
    service.put("name", entry.name() == null ? "" : entry.name());
    return service;
  }

  private static List<ObjectNode> endpoint(
      CatalogEntry entry, String userId, Optional<String> projectId) {
    String url = entry.url();
    if (url == null) {
      return List.of();
    }
    return substitute(url, userId, projectId).stream()
        .map(substituted ->
            Json.object()
                .put("id", entry.endpointId())
                .put("interface", entry.face())
                .put("region_id", entry.regionId())
                .put("url", substituted)
                .put("region", entry.regionId()))
        .toList();
  }

  private static Optional<String> substitute(
      String url, String userId, Optional<String> projectId) {
    Matcher matcher = PLACEHOLDER.matcher(url);
    StringBuilder result = new StringBuilder();
    while (matcher.find()) {
      boolean user = matcher.group(1).equals("user_id");
      if (!user && projectId.isEmpty()) {
        return Optional.empty();
      }
      String value = user ? userId : projectId.orElseThrow();
      matcher.appendReplacement(result, Matcher.quoteReplacement(value));
    }
    return Optional.of(matcher.appendTail(result).toString());
  }
}
