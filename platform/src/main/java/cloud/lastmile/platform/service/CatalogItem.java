package cloud.lastmile.platform.service;

/**
 * A service as the catalog shows it.
 *
 * @param type {@code compute}
 * @param name {@code nova}; clients rarely look at it
 * @param path after the cloud's base URL, {@code /compute/v2.1}; may contain {@code $(project_id)s}
 */
public record CatalogItem(String type, String name, String path) {}
