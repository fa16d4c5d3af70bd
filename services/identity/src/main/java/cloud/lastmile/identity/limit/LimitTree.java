package cloud.lastmile.identity.limit;

import cloud.lastmile.identity.api.LimitModel;
import cloud.lastmile.identity.resource.Project;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.policy.ResourceLimit;
import cloud.lastmile.platform.policy.UnifiedLimits;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The rules of the strict two-level model. */
public final class LimitTree {
  private LimitTree() {}

  /** From now on quotas follow the model: in the strict one a domain's projects share its limit. */
  public static void follow(Handle handle, LimitModel model) {
    if (model == LimitModel.STRICT_TWO_LEVEL) {
      UnifiedLimits.pool(handle, ProjectStore.domains(handle));
    } else {
      UnifiedLimits.separate(handle);
    }
  }

  /**
   * Of a limit just stored, in a transaction that holds its registered limit.
   *
   * @throws ApiException forbidden if a project would have more than its domain
   */
  static void requireOrder(Handle handle, ResourceLimit limit) {
    boolean inOrder =
        limit.projectId() == null
            ? projectsBelow(handle, limit)
            : belowDomain(handle, limit, limit.projectId());
    if (!inOrder) {
      throw ApiException.forbidden(
          "Invalid resource limit: The resource limit ("
              + (limit.projectId() == null ? "domain_id: " : "project_id: ")
              + (limit.projectId() == null ? limit.domainId() : limit.projectId())
              + ", resource_name: "
              + limit.registered().resourceName()
              + ", resource_limit: "
              + limit.limit()
              + ", service_id: "
              + limit.registered().serviceId()
              + ", region_id: "
              + limit.registered().regionId()
              + ") doesn't satisfy current hierarchy model..");
    }
  }

  private static boolean belowDomain(Handle handle, ResourceLimit limit, String projectId) {
    Optional<String> parentId = ProjectStore.find(handle, projectId).map(Project::parentId);
    long allowed =
        UnifiedLimits.findFor(handle, limit.registered().id(), parentId.stream().toList()).stream()
            .mapToLong(ResourceLimit::limit)
            .findFirst()
            .orElse(limit.registered().defaultLimit());
    return fits(limit.limit(), allowed);
  }

  private static boolean projectsBelow(Handle handle, ResourceLimit limit) {
    List<String> projects =
        ProjectStore.idsBelow(handle, limit.domainId() == null ? "" : limit.domainId());
    return UnifiedLimits.findFor(handle, limit.registered().id(), projects).stream()
        .allMatch(below -> fits(below.limit(), limit.limit()));
  }

  /** -1 is unlimited. */
  private static boolean fits(long limit, long allowed) {
    return allowed < 0 || (limit >= 0 && limit <= allowed);
  }
}
