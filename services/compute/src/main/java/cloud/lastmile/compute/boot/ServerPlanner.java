package cloud.lastmile.compute.boot;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.flavor.Flavor;
import cloud.lastmile.compute.flavor.FlavorStore;
import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.compute.group.ServerGroup;
import cloud.lastmile.compute.group.ServerGroupStore;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.keypair.Keypair;
import cloud.lastmile.compute.keypair.KeypairStore;
import cloud.lastmile.compute.port.NetworkPlanner;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Finds all that a new server's draft names. Everything that is missing is refused here. */
public final class ServerPlanner {
  private final Database database;
  private final FlavorStore flavors;
  private final KeypairStore keypairs;
  private final ServerGroupStore groups;
  private final ImagePlanner images;
  private final NetworkPlanner networks;
  private final Hosts hosts;

  public ServerPlanner(
      Database database,
      FlavorStore flavors,
      KeypairStore keypairs,
      ServerGroupStore groups,
      ImagePlanner images,
      NetworkPlanner networks,
      Hosts hosts) {
    this.database = database;
    this.flavors = flavors;
    this.keypairs = keypairs;
    this.groups = groups;
    this.images = images;
    this.networks = networks;
    this.hosts = hosts;
  }

  /** What the database says of the draft, read at once. */
  private record Found(
      Optional<Flavor> flavor, Optional<Keypair> key, Optional<ServerGroup> group) {}

  ServerPlan plan(ApiRequest request, ServerDraft draft) {
    Caller caller = request.caller();
    Where where = where(request, draft);
    Found found = find(caller, draft);
    ServerFlavor flavor =
        found
            .flavor()
            .map(ServerFlavor::of)
            .orElseThrow(
                () -> ApiException.badRequest("Flavor " + draft.flavor() + " could not be found."));
    if (flavor.diskGib() == 0 && !request.allows(ComputePolicies.SERVERS_ZERO_DISK_FLAVOR)) {
      throw ApiException.forbidden(
          "Only volume-backed servers are allowed for flavors with zero disk.");
    }
    if (flavor.ephemeralGib() > 0 || flavor.swapMib() > 0) {
      throw ApiException.badRequest(
          "Flavor " + flavor.id() + " has an ephemeral or swap disk, which no host here offers.");
    }
    Server.Image image = images.plan(caller, draft.image(), flavor, "Can not find requested image");
    if (draft.keyName().isPresent() && found.key().isEmpty()) {
      throw ApiException.badRequest("Invalid key_name provided.");
    }
    draft
        .hints()
        .group()
        .filter(_ -> found.group().isEmpty())
        .ifPresent(id -> {
          throw ApiException.badRequest("Instance group " + id + " could not be found.");
        });
    if (draft.hostname().isPresent() && draft.maxCount() > 1) {
      throw ApiException.badRequest("Unable to allocate a single hostname to multiple instances");
    }
    return new ServerPlan(
        flavor,
        image,
        networks.plan(request, draft.networks(), draft.securityGroups(), draft.maxCount()),
        found.key().map(key -> new Server.Key(key.name(), key.type(), key.publicKey())),
        where.zone(),
        where.host(),
        found.group().map(ServerGroup::id));
  }

  private Found find(Caller caller, ServerDraft draft) {
    return database.read(handle ->
        new Found(
            caller.hasRole("admin")
                ? flavors.find(handle, draft.flavor())
                : flavors.findUsable(handle, draft.flavor(), caller.requireProjectId()),
            draft.keyName().flatMap(name -> keypairs.find(handle, caller.userId(), name)),
            draft
                .hints()
                .group()
                .flatMap(id -> groups.find(handle, id))
                .filter(group -> group.projectId().equals(caller.requireProjectId()))));
  }

  private record Where(Optional<String> zone, Optional<String> host) {}

  /** Reads {@code zone}, {@code zone:host} and {@code zone:host:node}. */
  private Where where(ApiRequest request, ServerDraft draft) {
    Optional<String> zone = draft.zone();
    Optional<String> forced = Optional.empty();
    if (zone.isPresent() && zone.get().contains(":")) {
      String[] parts = zone.get().split(":", -1);
      if (parts.length > 3) {
        throw ApiException.badRequest("Invalid input received: Unable to parse availability_zone");
      }
      zone = Optional.of(parts[0]).filter(text -> !text.isEmpty());
      forced =
          Optional.of(parts[1].isEmpty() ? parts[parts.length - 1] : parts[1])
              .filter(text -> !text.isEmpty());
      forced.ifPresent(_ -> enforceAdmin(request, ComputePolicies.SERVERS_FORCED_HOST));
    }
    if (draft.requestedHost().isPresent()) {
      enforceAdmin(request, ComputePolicies.SERVERS_REQUESTED_DESTINATION);
      if (forced.isPresent()) {
        throw ApiException.badRequest(
            "One mechanism with host and/or hypervisor_hostname and another mechanism with"
                + " zone:host:node are mutually exclusive.");
      }
      String name = draft.requestedHost().get();
      if (hosts.record(name).isEmpty()) {
        throw ApiException.badRequest("Compute host " + name + " could not be found.");
      }
      forced = draft.requestedHost();
    }
    return new Where(zone, forced);
  }

  private static void enforceAdmin(ApiRequest request, PolicyRule rule) {
    request.enforce(
        rule,
        Map.of(
            "project_id", request.caller().requireProjectId(),
            "user_id", request.caller().userId()));
  }

  /** Made up anew for each request. */
  static String reservationId() {
    return "r-" + UUID.randomUUID().toString().replace("-", "").substring(0, 8);
  }
}
