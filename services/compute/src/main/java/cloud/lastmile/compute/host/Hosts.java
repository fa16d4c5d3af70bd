package cloud.lastmile.compute.host;

import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.platform.database.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The hosts that this process can reach, and what is known of all of them. A short-lived copy of
 * the table answers the questions that every list and every placement asks.
 */
public final class Hosts {
  /** A host not seen for this long is down. */
  static final Duration DOWN_AFTER = Duration.ofSeconds(60);

  private final Database database;
  private final HostStore store;
  private final Placement placement;
  private final HostShares shares;
  private final InstantSource clock;
  private final Map<String, Host> reachable = new ConcurrentHashMap<>();
  private final AtomicLong generation = new AtomicLong();
  private volatile Map<String, HostRecord> records = Map.of();
  private volatile Map<String, String> statuses = Map.of();

  public Hosts(
      Database database,
      HostStore store,
      Placement placement,
      HostShares shares,
      InstantSource clock) {
    this.database = database;
    this.store = store;
    this.placement = placement;
    this.shares = shares;
    this.clock = clock;
  }

  /** Makes the host known to the database and to placement; servers may be put on it from now. */
  public void register(Host host) {
    HostFacts facts = host.facts();
    UUID id = database.transact(handle -> store.put(handle, facts, shares.address()));
    placement.putProvider(
        id,
        facts.hostname(),
        Map.of(
            "VCPU", new Placement.Inventory(facts.vcpus(), 0, shares.cpuRatio()),
            "MEMORY_MB",
                new Placement.Inventory(
                    facts.memoryMib(),
                    Math.min(shares.reservedMemoryMib(), facts.memoryMib() - 1),
                    shares.memoryRatio()),
            "DISK_GB",
                new Placement.Inventory(Math.max(1, facts.diskGib()), 0, shares.diskRatio())),
        Set.of());
    reachable.put(facts.hostname(), host);
    refresh();
  }

  /** The host with this name. */
  Optional<Host> find(String name) {
    return Optional.ofNullable(reachable.get(name));
  }

  /**
   * As {@link #find}.
   *
   * @throws HostException worth another attempt, if this process cannot reach it
   */
  public Host require(String name) throws HostException {
    return find(name)
        .orElseThrow(() -> new HostException("host " + name + " cannot be reached", true));
  }

  public List<Host> reachable() {
    return List.copyOf(reachable.values());
  }

  public Optional<HostRecord> record(String name) {
    return Optional.ofNullable(records.get(name));
  }

  /** In no order. */
  public Collection<HostRecord> all() {
    return records.values();
  }

  public List<HostRecord> records() {
    return records.values().stream().sorted(Comparator.comparingLong(HostRecord::number)).toList();
  }

  /** {@code UP}, {@code DOWN}, {@code MAINTENANCE} or {@code UNKNOWN}. */
  public String status(String name) {
    return statuses.getOrDefault(name, "UNKNOWN");
  }

  public boolean isUp(HostRecord host) {
    return !host.forcedDown() && host.seenAt().isAfter(clock.instant().minus(DOWN_AFTER));
  }

  /** Changes whenever the status of any host does. */
  public long generation() {
    return generation.get();
  }

  /** Says that our hosts are alive, those that are, and reads what others said. */
  public void beat(Predicate<String> alive) {
    Set<String> names = reachable.keySet().stream().filter(alive).collect(Collectors.toSet());
    if (!names.isEmpty()) {
      database.change(handle -> store.seen(handle, names));
    }
    refresh();
  }

  /** Reads the table again; after every change to it. */
  void refresh() {
    Map<String, HostRecord> fresh = new HashMap<>();
    Map<String, String> freshStatuses = new HashMap<>();
    for (HostRecord host : database.read(store::all)) {
      fresh.put(host.name(), host);
      freshStatuses.put(host.name(), statusOf(host));
    }
    records = Map.copyOf(fresh);
    if (!freshStatuses.equals(statuses)) {
      statuses = Map.copyOf(freshStatuses);
      generation.incrementAndGet();
    }
  }

  private String statusOf(HostRecord host) {
    if (host.forcedDown()) {
      return "DOWN";
    }
    if (host.disabled()) {
      return "MAINTENANCE";
    }
    return isUp(host) ? "UP" : "UNKNOWN";
  }
}
