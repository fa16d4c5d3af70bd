package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.Kept;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The enabled service providers, as every token's body shows them. */
public final class ServiceProviders {
  private final Kept<List<ServiceProvider>> kept;

  public ServiceProviders(AccessControl control) {
    this.kept = control.keepCatalog(handle -> List.copyOf(ServiceProviderStore.enabled(handle)));
  }

  /** Adds {@code service_providers} to a token's body, if there are any. */
  public void addTo(ObjectNode token) {
    List<ServiceProvider> providers = kept.get();
    if (providers.isEmpty()) {
      return;
    }
    ArrayNode array = token.putArray("service_providers");
    for (ServiceProvider provider : providers) {
      array
          .addObject()
          .put("auth_url", provider.authUrl())
          .put("id", provider.id())
          .put("sp_url", provider.spUrl());
    }
  }
}
