package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.federation.mapping.Mapped;
import cloud.lastmile.identity.resource.ProjectStore;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The domains that a mapping names; the provider's where it names none.
 *
 * @param ofUser the domain of the user that logs in
 */
record Domains(Handle handle, String providerId, String ofProvider, String ofUser) {

  /** Throws not found if there is none such. */
  String id(Optional<Mapped.Domain> domain) {
    if (domain.isEmpty()) {
      return ofProvider;
    }
    Optional<String> id = domain.get().id();
    if (id.isPresent()) {
      ProjectStore.requireDomain(handle, id.get());
      return id.get();
    }
    String name = domain.get().name().orElse("");
    return FederationStore.domainByName(handle, name)
        .orElseThrow(() -> Faults.notFound("domain", name));
  }

  Domains ofUser(String domainId) {
    return new Domains(handle, providerId, ofProvider, domainId);
  }
}
