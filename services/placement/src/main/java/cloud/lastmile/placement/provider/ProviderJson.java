package cloud.lastmile.placement.provider;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Providers as the API shows them. */
public final class ProviderJson {
  private ProviderJson() {}

  public static String path(UUID id) {
    return "/placement/resource_providers/" + id;
  }

  static ObjectNode render(ApiRequest request, Provider provider) {
    ObjectNode tree = Json.object();
    tree.put("uuid", provider.id().toString());
    tree.put("name", provider.name());
    tree.put("generation", provider.generation());
    ArrayNode links = tree.putArray("links");
    String url = path(provider.id());
    links.addObject().put("rel", "self").put("href", url);
    link(links, url, "inventories");
    link(links, url, "usages");
    if (request.atLeast("1.1")) {
      link(links, url, "aggregates");
    }
    if (request.atLeast("1.6")) {
      link(links, url, "traits");
    }
    if (request.atLeast("1.11")) {
      link(links, url, "allocations");
    }
    if (request.atLeast("1.14")) {
      tree.put("parent_provider_uuid", provider.parent().map(UUID::toString).orElse(null));
      tree.put("root_provider_uuid", provider.root().toString());
    }
    return tree;
  }

  private static void link(ArrayNode links, String url, String rel) {
    links.addObject().put("rel", rel).put("href", url + "/" + rel);
  }
}
