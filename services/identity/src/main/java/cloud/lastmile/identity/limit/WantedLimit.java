package cloud.lastmile.identity.limit;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.resource.Project;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.policy.RegisteredLimit;
import cloud.lastmile.platform.policy.ResourceLimit;
import cloud.lastmile.platform.policy.UnifiedLimits;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** A limit as a request asks for it, before anything was looked up. */
record WantedLimit(
    String serviceId,
    Optional<String> regionId,
    String resourceName,
    Optional<String> projectId,
    Optional<String> domainId,
    long limit,
    @Nullable String description) {

  static WantedLimit parse(Fields fields) {
    Optional<String> projectId = Attributes.id(fields, "project_id");
    Optional<String> domainId = Attributes.id(fields, "domain_id");
    if (projectId.isPresent() == domainId.isPresent()) {
      throw ApiException.badRequest(
          "Invalid input for field/attribute limits. Give project_id or domain_id, one of them.");
    }
    return new WantedLimit(
        LimitFields.serviceId(fields),
        LimitFields.regionId(fields),
        LimitFields.resourceName(fields),
        projectId,
        domainId,
        LimitFields.amount(fields, "resource_limit"),
        LimitFields.description(fields, null));
  }

  /**
   * With its registered limit, after a look whether all it names exists.
   *
   * @throws ApiException bad request if it does not; forbidden if nothing is registered
   */
  ResourceLimit placed(Handle handle) {
    LimitReferences.requireService(handle, serviceId, "limit");
    LimitReferences.requireRegion(handle, regionId.orElse(null), "limit");
    Project owner = owner(handle);
    RegisteredLimit registered =
        UnifiedLimits.findRegistered(handle, serviceId, regionId, resourceName)
            .orElseThrow(() ->
                ApiException.forbidden(
                    "Unable to create a limit that has no corresponding registered limit."));
    return new ResourceLimit(
        Ids.hex(),
        owner.isDomain() ? null : owner.id(),
        owner.isDomain() ? owner.id() : null,
        registered,
        limit,
        description);
  }

  /** A project that acts as a domain is taken for the domain, as in the reference. */
  private Project owner(Handle handle) {
    return projectId.isPresent()
        ? ProjectStore.find(handle, projectId.get())
            .orElseThrow(() -> LimitReferences.missing("project_id", "limit"))
        : ProjectStore.findDomain(handle, domainId.orElse(""))
            .orElseThrow(() -> LimitReferences.missing("domain_id", "limit"));
  }
}
