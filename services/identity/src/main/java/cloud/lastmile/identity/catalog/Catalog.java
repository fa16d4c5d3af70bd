package cloud.lastmile.identity.catalog;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.Kept;
import java.util.Optional;
import tools.jackson.databind.util.RawValue;

/** The catalog as tokens carry it. */
public final class Catalog {
  private final Kept<CatalogContent> kept;

  public Catalog(AccessControl control) {
    this.kept =
        control.keepCatalog(handle ->
            new CatalogContent(CatalogStore.catalog(handle), EndpointGroupStore.narrowed(handle)));
  }

  /** As of now; the same object until something in it changes. */
  public CatalogContent content() {
    return kept.get();
  }

  /** The catalog of a user in a project or in none. */
  public RawValue render(String userId, Optional<String> projectId) {
    return new RawValue(content().render(userId, projectId));
  }
}
