package cloud.lastmile.compute.watch;

import cloud.lastmile.compute.host.HostRecord;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.job.Scheduler;
import cloud.lastmile.compute.port.ServerPorts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.network.api.Networks.HeldPort;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.EachAlone;
import cloud.lastmile.platform.work.Jobs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back ports and allocations from servers that are to have none, and claims again for servers
 * that have lost theirs: whatever an operator or a restored backup did, each ends up with one
 * owner. Servers that something is being done to are left to their jobs, and what has never been a
 * server's is its maker's.
 */
public final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private final Database database;
  private final ServerStore servers;
  private final ServerPorts ports;
  private final Placement placement;
  private final Hosts hosts;
  private final Jobs jobs;
  private final EachAlone each = new EachAlone("leftovers");

  public Leftovers(
      Database database,
      ServerStore servers,
      ServerPorts ports,
      Placement placement,
      Hosts hosts,
      Jobs jobs) {
    this.database = database;
    this.servers = servers;
    this.ports = ports;
    this.placement = placement;
    this.hosts = hosts;
    this.jobs = jobs;
  }

  /** Harmless at any time. */
  void sweep() {
    Map<UUID, List<HeldPort>> held = new HashMap<>();
    for (HeldPort port : ports.held()) {
      Ids.parseUuid(port.deviceId())
          .ifPresent(server -> held.computeIfAbsent(server, _ -> new ArrayList<>()).add(port));
    }
    Set<UUID> claimants = placement.claimants();
    Set<UUID> holders = new HashSet<>(claimants);
    holders.addAll(held.keySet());
    for (Server server : database.read(handle -> servers.emptyHanded(handle, holders))) {
      List<HeldPort> its = held.getOrDefault(server.id(), List.of());
      boolean claims = claimants.contains(server.id());
      each.run("of " + server.id(), () -> takeBack(server, its, claims));
    }
    // Those placed since the claimants were read are seen to have claimed.
    for (UUID server : database.read(handle -> servers.placedExcept(handle, claimants))) {
      each.run("claims of " + server, () -> claimAgain(server));
    }
  }

  private void takeBack(Server server, List<HeldPort> held, boolean claims) {
    if (database.read(handle -> isBusy(handle, server.id()))) {
      return;
    }
    for (HeldPort port : held) {
      // Another project's port may name any server, and has none.
      if (port.projectId().equals(server.projectId())) {
        LOG.warn(
            "Port {} is still with server {}, which needs it no more", port.port(), server.id());
        ports.takeBack(server, port.port());
      }
    }
    if (claims) {
      LOG.warn("Server {} still has allocations; they are released", server.id());
      database.change(handle -> {
        servers.lock(handle, server.id());
        if (!isBusy(handle, server.id())) {
          placement.release(handle, server.id());
        }
      });
    }
  }

  private boolean isBusy(Handle handle, UUID server) {
    return jobs.live(handle, ServerJob.key(server)) > 0;
  }

  private void claimAgain(UUID id) {
    database.change(handle -> {
      Optional<Server> server = servers.lock(handle, id).filter(_ -> !isBusy(handle, id));
      Optional<HostRecord> host = server.flatMap(row -> row.where().host()).flatMap(hosts::record);
      if (server.isPresent() && host.isPresent()) {
        claimAgain(handle, server.get(), host.get());
      }
    });
  }

  private void claimAgain(Handle handle, Server server, HostRecord host) {
    boolean claimed =
        placement.claim(
            handle,
            server.id(),
            host.id(),
            Scheduler.resources(server.flavor()),
            server.projectId(),
            server.userId());
    if (claimed) {
      LOG.info("Server {} has its allocations on {}", server.id(), host.name());
    } else {
      LOG.warn("Server {} has no allocations, and {} has no room", server.id(), host.name());
    }
  }
}
