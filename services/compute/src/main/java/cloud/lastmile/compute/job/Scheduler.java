package cloud.lastmile.compute.job;

import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.compute.group.ServerGroup;
import cloud.lastmile.compute.group.ServerGroupStore;
import cloud.lastmile.compute.hardware.Hardware;
import cloud.lastmile.compute.host.HostRecord;
import cloud.lastmile.compute.host.HostStore;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerNeighbours;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.StepException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * Chooses a host and claims its resources, in one transaction with the server's row, so that
 * neither resources nor group policies are ever oversold.
 */
public final class Scheduler {
  private static final int CANDIDATES = 100;
  static final String NO_VALID_HOST =
      "No valid host was found. There are not enough hosts available.";

  private final Database database;
  private final Placement placement;
  private final ServerStore servers;
  private final ServerGroupStore groups;
  private final Hosts hosts;

  public Scheduler(
      Database database,
      Placement placement,
      ServerStore servers,
      ServerGroupStore groups,
      Hosts hosts) {
    this.database = database;
    this.placement = placement;
    this.servers = servers;
    this.groups = groups;
    this.hosts = hosts;
  }

  /**
   * Puts the server on a host; does nothing if it is on one.
   *
   * @param neighbours looked at as they are when it is placed
   * @param excluded names of hosts that failed
   * @throws StepException terminal if no host can have it
   */
  void place(Server server, ServerNeighbours neighbours, Set<String> excluded) {
    Set<String> lacking = new LinkedHashSet<>();
    Predicate<HostRecord> wanted =
        ofGroup(server)
            .and(beside(server, neighbours))
            .and(host -> !excluded.contains(host.name()) && accepts(host, server));
    for (Placement.Candidate candidate : candidates(server, wanted, lacking)) {
      if (claim(server, candidate)) {
        return;
      }
    }
    String why = lacking.isEmpty() ? "" : " Some were passed over: " + String.join("; ", lacking);
    throw StepException.terminal(NO_VALID_HOST + why);
  }

  /**
   * @param lacking gets what hosts that are not among them have not
   */
  private List<Placement.Candidate> candidates(
      Server server, Predicate<HostRecord> wanted, Set<String> lacking) {
    List<HostRecord> open = new ArrayList<>();
    Set<UUID> shut = new HashSet<>();
    for (HostRecord host : hosts.all()) {
      if (wanted.test(host)) {
        open.add(host);
      } else {
        shut.add(host.id());
      }
    }
    if (open.isEmpty()) {
      return List.of();
    }
    Placement.Request request =
        new Placement.Request(
            resources(server.flavor()),
            required(server),
            traits(server.flavor().extraSpecs(), "forbidden"),
            CANDIDATES);
    // Placement gives some of those that fit: it must not choose among those that are no use.
    List<Placement.Candidate> some =
        placement.candidates(
            open.size() <= shut.size() ? request.among(ids(open)) : request.without(shut));
    List<Placement.Candidate> fit = fit(server, some, open, lacking);
    if (fit.isEmpty() && some.size() == CANDIDATES) {
      // All of these lack something or are no hosts; perhaps others do not.
      open.removeIf(host -> missing(server, host).isPresent());
      if (!open.isEmpty()) {
        fit = fit(server, placement.candidates(request.among(ids(open))), open, lacking);
      }
    }
    fit.sort(
        Comparator.comparingLong(
                (Placement.Candidate candidate) -> -candidate.free().getOrDefault("MEMORY_MB", 0L))
            .thenComparing(Placement.Candidate::name));
    return fit;
  }

  private static Set<UUID> ids(List<HostRecord> hosts) {
    return hosts.stream().map(HostRecord::id).collect(Collectors.toSet());
  }

  private static List<Placement.Candidate> fit(
      Server server,
      List<Placement.Candidate> candidates,
      List<HostRecord> open,
      Set<String> lacking) {
    Map<String, HostRecord> byName =
        open.stream().collect(Collectors.toMap(HostRecord::name, host -> host));
    List<Placement.Candidate> fit = new ArrayList<>();
    for (Placement.Candidate candidate : candidates) {
      HostRecord host = byName.get(candidate.name());
      if (host != null) {
        missing(server, host).ifPresentOrElse(lacking::add, () -> fit.add(candidate));
      }
    }
    return fit;
  }

  /** The hosts that the server's group allows as it is now; looked at again when it is placed. */
  private Predicate<HostRecord> ofGroup(Server server) {
    if (server.where().group().isEmpty()) {
      return _ -> true;
    }
    return database.read(handle -> {
      Optional<ServerGroup> group = groups.find(handle, server.where().group().get());
      if (group.isEmpty()) {
        return _ -> true;
      }
      Map<String, Integer> members = groups.membersByHost(handle, group.get().id(), server.id());
      return host -> allows(group.get(), members, host.name());
    });
  }

  private Predicate<HostRecord> beside(Server server, ServerNeighbours neighbours) {
    if (neighbours.equals(ServerNeighbours.NONE)) {
      return _ -> true;
    }
    Set<String> same = new HashSet<>();
    Set<String> different = new HashSet<>();
    database.change(handle -> {
      same.addAll(servers.hostsOf(handle, server.projectId(), neighbours.same()));
      different.addAll(servers.hostsOf(handle, server.projectId(), neighbours.different()));
    });
    return host -> neighbours.allow(host.name(), same, different);
  }

  private boolean accepts(HostRecord host, Server server) {
    Server.Where where = server.where();
    boolean named =
        where.requestedHost().isEmpty() || where.requestedHost().get().equals(host.name());
    boolean inZone =
        where.requestedZone().isEmpty() || where.requestedZone().get().equals(host.zone());
    // A zone written with a host that is not in it does not count, as in the reference.
    boolean zoneCounts = where.requestedHost().isEmpty();
    return !host.disabled() && hosts.isUp(host) && named && (inZone || !zoneCounts);
  }

  /** What the host has not that the server's hardware needs. */
  private static Optional<String> missing(Server server, HostRecord host) {
    return server
        .image()
        .flatMap(image -> Hardware.lacks(image.properties(), server.flavor(), host.facts()));
  }

  private boolean claim(Server server, Placement.Candidate candidate) {
    return database.transact(handle -> {
      Optional<Server> locked = servers.lock(handle, server.id());
      if (locked.isEmpty() || locked.get().where().host().isPresent()) {
        return true;
      }
      if (!groupAllows(handle, server, candidate.name())) {
        return false;
      }
      boolean claimed =
          placement.claim(
              handle,
              server.id(),
              candidate.provider(),
              resources(server.flavor()),
              server.projectId(),
              server.userId());
      if (claimed) {
        String zone =
            hosts.record(candidate.name()).map(HostRecord::zone).orElse(HostStore.DEFAULT_ZONE);
        servers.update(
            handle,
            server.id(),
            ServerChange.task(TaskState.NETWORKING).on(candidate.name(), zone));
      }
      return claimed;
    });
  }

  private boolean groupAllows(Handle handle, Server server, String host) {
    if (server.where().group().isEmpty()) {
      return true;
    }
    Optional<ServerGroup> group = groups.lock(handle, server.where().group().get());
    if (group.isEmpty()) {
      return true;
    }
    Map<String, Integer> members = groups.membersByHost(handle, group.get().id(), server.id());
    return allows(group.get(), members, host);
  }

  private static boolean allows(ServerGroup group, Map<String, Integer> members, String host) {
    return switch (group.policy()) {
      case "affinity" -> members.isEmpty() || members.containsKey(host);
      case "anti-affinity" -> members.getOrDefault(host, 0) < group.maxServersPerHost().orElse(1);
      default -> true;
    };
  }

  /** What a server of this flavor takes of its host. */
  public static Map<String, Long> resources(ServerFlavor flavor) {
    Map<String, Long> resources = new TreeMap<>();
    resources.put("VCPU", (long) flavor.vcpus());
    resources.put("MEMORY_MB", (long) flavor.ramMib());
    long disk =
        flavor.diskGib() + flavor.ephemeralGib() + Math.ceilDiv((long) flavor.swapMib(), 1024L);
    if (disk > 0) {
      resources.put("DISK_GB", disk);
    }
    return resources;
  }

  /** Traits that the flavor or the image requires. */
  private static Set<String> required(Server server) {
    Set<String> traits = traits(server.flavor().extraSpecs(), "required");
    server.image().ifPresent(image -> traits.addAll(traits(image.properties(), "required")));
    return traits;
  }

  /** Names in {@code trait:NAME=required} and {@code =forbidden}. */
  private static Set<String> traits(Map<String, String> named, String value) {
    Set<String> traits = new HashSet<>();
    named.forEach((key, wanted) -> {
      if (key.startsWith("trait:") && wanted.equals(value)) {
        traits.add(key.substring("trait:".length()));
      }
    });
    return traits;
  }
}
