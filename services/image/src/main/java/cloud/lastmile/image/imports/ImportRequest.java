package cloud.lastmile.image.imports;

import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * What a client wants imported, checked as far as that needs no image.
 *
 * @param stores names of the stores to fill
 * @param uri for {@code web-download}
 * @param region for {@code glance-download}, with {@code interfaceName} and {@code remoteImage}
 */
record ImportRequest(
    JsonNode body,
    String method,
    List<String> stores,
    boolean allStores,
    boolean mustFillAll,
    String uri,
    String region,
    String interfaceName,
    String remoteImage) {

  /**
   * @param header {@code X-Image-Meta-Store}
   * @throws ApiException bad request
   */
  static ImportRequest parse(
      JsonNode body, Optional<String> header, List<String> methods, StoreSet stores) {
    JsonNode method = body.path("method");
    if (method.isMissingNode()) {
      throw ApiException.badRequest("Import request requires a 'method' field.");
    }
    if (method.path("name").isMissingNode()) {
      throw ApiException.badRequest("Import request requires a 'name' field.");
    }
    String name = method.path("name").asString("");
    if (!methods.contains(name)) {
      throw ApiException.badRequest("Unknown import method name '" + name + "'.");
    }
    boolean mustFillAll = flag(body, "all_stores_must_succeed", true);
    boolean allStores = flag(body, "all_stores", false);
    return new ImportRequest(
        body,
        name,
        stores(body, header, allStores, stores),
        allStores,
        mustFillAll,
        method.path("uri").asString(""),
        method.path("glance_region").asString(""),
        method.path("glance_service_interface").asString("public"),
        method.path("glance_image_id").asString(""));
  }

  private static boolean flag(JsonNode body, String name, boolean absent) {
    JsonNode value = body.path(name);
    if (value.isMissingNode()) {
      return absent;
    }
    if (!value.isBoolean()) {
      throw ApiException.badRequest("'" + name + "' must be boolean value only");
    }
    return value.asBoolean();
  }

  private static List<String> stores(
      JsonNode body, Optional<String> header, boolean allStores, StoreSet stores) {
    JsonNode named = body.path("stores");
    if (allStores) {
      if (!named.isMissingNode() || header.isPresent()) {
        throw ApiException.badRequest(
            "All_stores parameter can't be used with x-image-meta-store header or stores"
                + " parameter");
      }
      return stores.all().stream().map(StoreSet.Named::name).toList();
    }
    if (named.isMissingNode()) {
      return List.of(known(stores, header.orElse(stores.first().name())));
    }
    if (header.isPresent()) {
      throw ApiException.badRequest(
          "Stores parameter and x-image-meta-store header can't be both specified");
    }
    if (!named.isArray() || named.isEmpty()) {
      throw ApiException.badRequest("'stores' must be a list of stores");
    }
    List<String> names = new ArrayList<>();
    for (JsonNode one : named) {
      String name = known(stores, one.asString(""));
      if (!names.contains(name)) {
        names.add(name);
      }
    }
    return names;
  }

  private static String known(StoreSet stores, String name) {
    if (stores.named(name).isEmpty()) {
      throw ApiException.conflict("Unknown scheme '" + name + "' found in URI");
    }
    return name;
  }

  /** Whether the method's own fields are as they must be. */
  void checkMethod(Predicate<URI> filter) {
    switch (method) {
      case ImportState.WEB -> {
        if (parsed(uri).filter(filter).isEmpty()) {
          throw ApiException.badRequest("URI for web-download does not pass filtering: " + uri);
        }
      }
      case ImportState.GLANCE -> {
        JsonNode fields = body.path("method");
        for (String field : List.of("glance_region", "glance_image_id")) {
          if (fields.path(field).isMissingNode()) {
            throw ApiException.badRequest(
                "'" + field + "' needs to be set for glance-download import method");
          }
        }
        if (Ids.parseUuid(remoteImage).isEmpty()) {
          throw ApiException.badRequest(
              "Remote image id does not look like a UUID: " + remoteImage);
        }
      }
      default -> {}
    }
  }

  static Optional<URI> parsed(String uri) {
    try {
      return Optional.of(URI.create(uri));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }
}
