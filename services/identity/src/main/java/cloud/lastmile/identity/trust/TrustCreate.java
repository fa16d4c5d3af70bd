package cloud.lastmile.identity.trust;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.UserLimits;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.user.UserStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Delegation;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.http.Fields;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** Makes a trust, be it from a user's own roles or from those of another trust. */
final class TrustCreate {
  private static final int MAX_REDELEGATIONS = 3;
  private static final Set<String> KNOWN =
      Set.of(
          "id",
          "trustor_user_id",
          "trustee_user_id",
          "project_id",
          "impersonation",
          "expires_at",
          "remaining_uses",
          "redelegated_trust_id",
          "redelegation_count",
          "allow_redelegation",
          "roles",
          "roles_links",
          "deleted_at",
          "links");

  private final Changes changes;
  private final InstantSource clock;

  TrustCreate(Changes changes, InstantSource clock) {
    this.changes = changes;
    this.clock = clock;
  }

  /**
   * What the body asks for.
   *
   * @param depth of further delegation, if given
   */
  private record Wanted(
      String trustorId,
      String trusteeId,
      Optional<String> projectId,
      boolean impersonation,
      Optional<Instant> expiresAt,
      Optional<Integer> remainingUses,
      boolean redelegatable,
      Optional<Integer> depth,
      List<String> roleIds,
      List<String> roleNames,
      ObjectNode extra) {}

  Trust create(RequestContext context, Fields fields) {
    Wanted wanted = wanted(fields);
    if (wanted.projectId().isPresent()
        && wanted.roleIds().isEmpty()
        && wanted.roleNames().isEmpty()) {
      throw forbidden("At least one role should be specified");
    }
    if (!context.caller().userId().equals(wanted.trustorId())) {
      throw forbidden("The authenticated user should match the trustor");
    }
    Optional<String> parentId =
        context.caller().delegation() instanceof Delegation.Trust trust
            ? Optional.of(trust.id())
            : Optional.empty();
    return changes
        .by(context)
        .transact((handle, touched) -> {
          Trust trust = make(handle, wanted, parentId);
          UserLimits.TRUSTS.require(handle, trust.trustorId());
          TrustStore.insert(handle, trust);
          touched.target(trust.id());
          touched.event("OS-TRUST:trust", trust.id(), "created");
          return trust;
        });
  }

  private Wanted wanted(Fields fields) {
    List<String> ids = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Fields.Value role : fields.optional("roles").map(Fields.Value::values).orElse(List.of())) {
      Fields one = role.object();
      Attributes.id(one, "id").ifPresent(ids::add);
      Attributes.optionalName(one, 255).ifPresent(names::add);
      if (one.node().size() != 1) {
        throw role.invalid("either id or name is needed");
      }
      one.rejectUnknown();
    }
    Optional<Integer> depth =
        fields
            .optional("redelegation_count")
            .map(value -> (int) value.integer(0, Integer.MAX_VALUE));
    return new Wanted(
        fields.string("trustor_user_id", 1, 64),
        fields.string("trustee_user_id", 1, 64),
        Attributes.text(fields, "project_id", 64).filter(id -> !id.isEmpty()),
        fields.required("impersonation").bool(),
        expiry(fields),
        fields.optional("remaining_uses").map(value -> (int) value.integer(1, Integer.MAX_VALUE)),
        fields.bool("allow_redelegation", false) && depth.filter(count -> count == 0).isEmpty(),
        depth,
        ids,
        names,
        Attributes.extra(fields, KNOWN));
  }

  private Optional<Instant> expiry(Fields fields) {
    Optional<Fields.Value> value = fields.optional("expires_at");
    if (value.isEmpty()) {
      return Optional.empty();
    }
    Instant end =
        Timestamps.parse(value.get().text(0, 255))
            .orElseThrow(() -> value.get().invalid("it is not a time in ISO 8601"));
    if (!clock.instant().isBefore(end)) {
      throw value.get().invalid("it is in the past");
    }
    return Optional.of(Timestamps.truncate(end));
  }

  private Trust make(Handle handle, Wanted wanted, Optional<String> parentId) {
    if (UserStore.find(handle, wanted.trusteeId()).isEmpty()) {
      throw Faults.notFound("user", wanted.trusteeId());
    }
    if (wanted.redelegatable() && wanted.depth().orElse(0) > MAX_REDELEGATIONS) {
      throw ApiException.forbidden(
          "Requested redelegation depth of "
              + wanted.depth().orElse(0)
              + " is greater than allowed "
              + MAX_REDELEGATIONS);
    }
    if (wanted.redelegatable() && wanted.remainingUses().isPresent()) {
      throw ApiException.badRequest("remaining_uses must not be set if redelegation is allowed");
    }
    List<Trust> chain = parentId.map(id -> TrustStore.chain(handle, id)).orElse(List.of());
    if (parentId.isPresent() && chain.isEmpty()) {
      throw Faults.notFound("trust", parentId.get());
    }
    String holder = chain.isEmpty() ? wanted.trustorId() : chain.getLast().trustorId();
    List<String> roles = roles(handle, wanted, holder);
    chain.forEach(link -> requireWithin(link, wanted, roles));
    return new Trust(
        Ids.hex(),
        wanted.trustorId(),
        wanted.trusteeId(),
        wanted.projectId(),
        wanted.impersonation(),
        wanted.expiresAt().or(() -> chain.stream().findFirst().flatMap(Trust::expiresAt)),
        wanted.remainingUses(),
        parentId,
        depth(wanted, chain),
        wanted.extra(),
        roles);
  }

  private static int depth(Wanted wanted, List<Trust> chain) {
    if (!wanted.redelegatable()) {
      return 0;
    }
    if (chain.isEmpty()) {
      return wanted.depth().orElse(MAX_REDELEGATIONS);
    }
    int left = chain.getFirst().redelegationCount() - 1;
    if (wanted.depth().filter(count -> count != left).isPresent()) {
      throw ApiException.forbidden(
          "Modifying \"redelegation_count\" upon redelegation is forbidden. Omitting this"
              + " parameter is advised.");
    }
    return left;
  }

  private static List<String> roles(Handle handle, Wanted wanted, String holder) {
    Map<String, String> byName = TrustStore.roleIds(handle, wanted.roleNames());
    Set<String> roles = new LinkedHashSet<>(wanted.roleIds());
    for (String name : wanted.roleNames()) {
      String id = byName.get(name);
      if (id == null) {
        throw Faults.notFound("role", name);
      }
      roles.add(id);
    }
    String projectId = wanted.projectId().orElse("");
    if (wanted.projectId().isPresent() && ProjectStore.find(handle, projectId).isEmpty()) {
      throw Faults.notFound("project", projectId);
    }
    Set<String> held = TrustStore.heldRoles(handle, holder, projectId);
    for (String role : roles) {
      if (!held.contains(role)) {
        throw Faults.notFound("role", role);
      }
    }
    return List.copyOf(roles);
  }

  /** A trust made from another never lends more, longer or deeper. */
  private static void requireWithin(Trust parent, Wanted wanted, List<String> roles) {
    int depth = parent.redelegationCount();
    if (depth <= 0 || depth > MAX_REDELEGATIONS) {
      throw ApiException.forbidden(
          "Remaining redelegation depth of "
              + depth
              + " out of allowed range of [0.."
              + MAX_REDELEGATIONS
              + "]");
    }
    if (wanted.remainingUses().isPresent()) {
      throw ApiException.forbidden(
          "Field \"remaining_uses\" is set while it must not be set in order to redelegate a"
              + " trust");
    }
    if (parent.expiresAt().isPresent()
        && wanted.expiresAt().filter(parent.expiresAt().get()::isBefore).isPresent()) {
      throw ApiException.forbidden(
          "Requested expiration time is more than redelegated trust can provide");
    }
    if (!parent.roleIds().containsAll(roles)) {
      throw ApiException.forbidden("Some of requested roles are not in redelegated trust");
    }
    if (wanted.impersonation() && !parent.impersonation()) {
      throw ApiException.forbidden(
          "Impersonation is not allowed because redelegated trust does not specify"
              + " impersonation. Redelegated trust id: "
              + parent.id());
    }
    if (!parent.projectId().equals(wanted.projectId())) {
      throw ApiException.forbidden("A redelegated trust is of the same project");
    }
  }

  private static ApiException forbidden(String action) {
    return ApiException.forbidden(
        "You are not authorized to perform the requested action: " + action + ".");
  }
}
