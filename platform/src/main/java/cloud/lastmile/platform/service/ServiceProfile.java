package cloud.lastmile.platform.service;

import java.util.List;

/**
 * What is known of a service before it runs: its schema is migrated before it is made.
 *
 * @param name {@code compute}: of its module below {@code services/}, its package, its database
 *     schema and the folder of its migrations, its {@code ServiceApi}
 * @param catalog what clients find in the catalog; more than one where a service has an older type
 *     too
 */
public record ServiceProfile(String name, List<CatalogItem> catalog) {

  public ServiceProfile {
    catalog = List.copyOf(catalog);
  }

  /** A service with one entry in the catalog, whose type is its own name. */
  public static ServiceProfile of(String name, String catalogName, String path) {
    return new ServiceProfile(name, List.of(new CatalogItem(name, catalogName, path)));
  }
}
