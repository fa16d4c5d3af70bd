package cloud.lastmile.agent.simulated;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.GuestHardware.Firmware;
import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.PowerState;
import cloud.lastmile.agent.GuestStatus;
import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.agent.ImageFile;
import cloud.lastmile.agent.Vif;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A host without processes: it accepts and refuses what the QEMU driver does and behaves as if the
 * guests ran. One program can hold thousands. Faults are injected through {@link #faults()}.
 *
 * <p>A guest's console shows one line for each start: {@code booted from image ID}.
 */
public final class SimulatedHost implements Host {
  private static final Set<String> MACHINE_TYPES =
      Set.of("pc", "q35", "pc-i440fx-7.1", "pc-i440fx-7.2", "pc-q35-7.1", "pc-q35-7.2");

  private final HostFacts facts;
  private final Optional<SimulatedGuestFiles> files;
  private final SimulatedFaults faults = new SimulatedFaults();
  private final Map<UUID, SimulatedGuest> guests = new ConcurrentHashMap<>();
  private final Map<UUID, List<Vif>> vifs = new ConcurrentHashMap<>();
  private final Map<UUID, ReentrantLock> locks = new ConcurrentHashMap<>();
  private final List<Consumer<GuestStatus>> listeners = new CopyOnWriteArrayList<>();

  private SimulatedHost(HostFacts facts, Optional<SimulatedGuestFiles> files) {
    this.facts = facts;
    this.files = files;
  }

  /** A host whose guests end with this object. */
  public static SimulatedHost inMemory(HostFacts facts) {
    return new SimulatedHost(facts, Optional.empty());
  }

  /**
   * A host whose guests are small files in {@code directory}; a later object on the same directory
   * finds them, also after {@code kill -9}, as if they had run on meanwhile.
   */
  public static SimulatedHost persistent(HostFacts facts, Path directory) throws IOException {
    SimulatedGuestFiles files = new SimulatedGuestFiles(directory);
    SimulatedHost host = new SimulatedHost(facts, Optional.of(files));
    for (SimulatedGuest guest : files.readAll()) {
      host.guests.put(guest.id(), guest);
    }
    return host;
  }

  /** Facts of an ordinary host, for tests that do not care. */
  public static HostFacts facts(String hostname, int vcpus, int memoryMib, int diskGib) {
    return new HostFacts(
        hostname,
        "fake",
        1000,
        "simulated",
        vcpus,
        memoryMib,
        diskGib,
        "simulated processor",
        MACHINE_TYPES,
        EnumSet.allOf(Firmware.class));
  }

  /** What shall go wrong. */
  public SimulatedFaults faults() {
    return faults;
  }

  @Override
  public HostFacts facts() {
    return facts;
  }

  @Override
  public void ensure(GuestSpec spec) throws HostException {
    GuestHardware hardware = GuestHardware.of(spec.hardware());
    locked(
        spec.id(),
        () -> {
          if (spec.power() != PowerState.STOPPED) {
            facts.require(hardware);
          }
          SimulatedGuest guest = prepared(spec);
          faults.beforeBoot(spec.id());
          vifs.put(spec.id(), spec.vifs());
          store(
              switch (spec.power()) {
                case STOPPED -> guest.stopped("stopped");
                case RUNNING -> (guest.live() ? guest : guest.booted()).with(Power.RUNNING);
                case PAUSED -> (guest.live() ? guest : guest.booted()).with(Power.PAUSED);
              });
        });
    if (spec.power() == PowerState.RUNNING && faults.powersOff(spec.rootDisk().imageId())) {
      powerOff(spec.id());
    }
  }

  /** The guest with its disk, not yet started. A rebuild stops it. */
  private SimulatedGuest prepared(GuestSpec spec) throws HostException {
    SimulatedGuest before = guests.get(spec.id());
    if (before != null && before.diskGeneration() >= spec.diskGeneration()) {
      return before;
    }
    long diskSize = ImageFile.rootDiskSize(spec);
    SimulatedGuest made =
        new SimulatedGuest(
            spec.id(),
            spec.rootDisk().imageId(),
            spec.diskGeneration(),
            diskSize,
            Power.PARTIAL,
            "",
            before == null ? List.of() : before.console());
    store(made);
    return made;
  }

  @Override
  public void remove(UUID id) throws HostException {
    locked(
        id,
        () -> {
          if (files.isPresent()) {
            files.get().delete(id);
          }
          guests.remove(id);
          vifs.remove(id);
        });
  }

  @Override
  public void reboot(UUID id, RebootType type) throws HostException {
    locked(id, () -> store(existing(id).booted()));
  }

  @Override
  public void interrupt(UUID id) throws HostException {
    if (!existing(id).live()) {
      throw new HostException("guest " + id + " does not run", false);
    }
  }

  @Override
  public Optional<GuestStatus> status(UUID id) {
    return Optional.ofNullable(guests.get(id)).map(SimulatedGuest::status);
  }

  @Override
  public List<GuestStatus> observe() {
    return guests.values().stream().map(SimulatedGuest::status).toList();
  }

  @Override
  public String consoleLog(UUID id, int lines) throws HostException {
    List<String> console = existing(id).console();
    int from = lines < 0 ? 0 : Math.max(0, console.size() - lines);
    List<String> shown = new ArrayList<>(console.subList(from, console.size()));
    return shown.isEmpty() ? "" : String.join("\n", shown) + "\n";
  }

  @Override
  public void snapshot(UUID id, Path target) throws HostException {
    EmptyQcow2.write(target, existing(id).diskSize());
  }

  @Override
  public void sweep() {
    // Nothing is ever left over: a simulated guest is one file.
  }

  @Override
  public void onChange(Consumer<GuestStatus> listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    listeners.clear();
  }

  /** The guest's interfaces as this object was told last; empty before. */
  public List<Vif> vifs(UUID id) {
    return vifs.getOrDefault(id, List.of());
  }

  /** Ends a running guest as the death of its process would. */
  public void crash(UUID id) throws HostException {
    changeByItself(id, existing(id).crashed("the simulated process was killed"));
  }

  /** Ends a running guest as its own operating system would. */
  public void powerOff(UUID id) throws HostException {
    changeByItself(id, existing(id).stopped("shut down by the guest"));
  }

  private void changeByItself(UUID id, SimulatedGuest changed) throws HostException {
    locked(
        id,
        () -> {
          if (!existing(id).live()) {
            throw new HostException("guest " + id + " does not run", false);
          }
          store(changed);
        });
    listeners.forEach(listener -> listener.accept(changed.status()));
  }

  private SimulatedGuest existing(UUID id) throws HostException {
    SimulatedGuest guest = guests.get(id);
    if (guest == null) {
      throw new HostException("guest " + id + " is not on this host", false);
    }
    return guest;
  }

  private void store(SimulatedGuest guest) throws HostException {
    if (files.isPresent()) {
      files.get().write(guest);
    }
    guests.put(guest.id(), guest);
  }

  private void locked(UUID id, Work work) throws HostException {
    ReentrantLock lock = locks.computeIfAbsent(id, key -> new ReentrantLock());
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  private interface Work {
    void run() throws HostException;
  }
}
