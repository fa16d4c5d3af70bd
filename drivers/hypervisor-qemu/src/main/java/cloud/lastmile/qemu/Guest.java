package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.PowerState;
import cloud.lastmile.agent.GuestStatus;
import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.Host.RebootType;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.Vif;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One guest of this host. Every step that changes something is written down first ({@link
 * GuestRecord}, {@link GuestState}) and can be repeated, so that this program may die between any
 * two of them.
 */
final class Guest {
  private static final Logger LOG = LoggerFactory.getLogger(Guest.class);

  /** A guest that has not finished booting misses the button: it is pressed again after these. */
  private static final Duration FIRST_PRESS_AGAIN = Duration.ofSeconds(2);

  private static final Duration LAST_PRESS_AGAIN = Duration.ofSeconds(16);

  private final GuestFiles files;
  private final GuestMaking making;
  private final ReentrantLock lock = new ReentrantLock();
  private final CompletableFuture<Void> removal = new CompletableFuture<>();
  private volatile @Nullable GuestRecord record;
  private volatile GuestState state = GuestState.PARTIAL;
  private volatile @Nullable RunningGuest running;
  private volatile boolean removed;

  Guest(GuestFiles files, GuestMaking making) {
    this.files = files;
    this.making = making;
  }

  /** Work on a guest, under its lock. */
  interface Work<T> {
    T run() throws HostException;
  }

  /** Empty for a guest that was removed meanwhile, or not yet written down. */
  Optional<GuestStatus> status() {
    if (removed || record == null) {
      return Optional.empty();
    }
    GuestState seen = state;
    RunningGuest run = running;
    boolean paused = run != null && run.paused() && seen.power() == Power.RUNNING;
    Optional<String> reason = Optional.of(seen.reason()).filter(text -> !text.isEmpty());
    return Optional.of(new GuestStatus(files.id(), paused ? Power.PAUSED : seen.power(), reason));
  }

  UUID id() {
    return files.id();
  }

  Optional<GuestRecord> record() {
    return Optional.ofNullable(record);
  }

  boolean removed() {
    return removed;
  }

  /** Makes this object of no more use, for who waits for its lock. */
  void forget() {
    removed = true;
  }

  <T> T locked(Work<T> work) throws HostException {
    lock.lock();
    try {
      return work.run();
    } finally {
      lock.unlock();
    }
  }

  /** Takes up what an earlier program left: its files and, if it lives, its process. */
  void load(Optional<QemuProcess> process) throws HostException {
    boolean runs = process.isPresent() && process.get().alive();
    record = files.readRecord().orElse(null);
    state = files.readState().orElse(GuestState.PARTIAL);
    if (record != null) {
      record = withOwnUser(record, runs);
    }
    if (runs && record != null) {
      RunningGuest found =
          new RunningGuest(process.get(), record.uid(), files, this::endedByItself);
      enter(GuestState.RUNNING);
      running = found;
      found.reconnect();
    } else {
      enter(state.withoutProcess());
    }
  }

  /** A user that an earlier program gave it may be another cloud's guest's by now. */
  private GuestRecord withOwnUser(GuestRecord found, boolean runs) throws HostException {
    if (making.users().adopt(files.id(), found.uid())) {
      return found;
    }
    if (runs) {
      LOG.warn("guest {} runs as user {}, who is not its own", files.id(), found.uid());
      making.users().bear(files.id(), found.uid());
      return found;
    }
    GuestRecord changed = found.withUid(making.users().of(files.id()));
    try {
      files.handOver(found.uid(), changed.uid());
    } catch (IOException e) {
      throw new HostException("cannot give " + files.run() + " to another user", true, e);
    }
    files.write(changed);
    return changed;
  }

  void ensure(GuestSpec spec) throws HostException {
    GuestHardware hardware = GuestHardware.of(spec.hardware());
    GuestRecord before = record;
    boolean rebuilds = before != null && spec.diskGeneration() > before.diskGeneration();
    if (spec.power() != PowerState.STOPPED && (rebuilds || !runs())) {
      making.host().require(hardware);
    }
    GuestRecord wanted = making.wanted(spec, before, files);
    if (before != null) {
      removeVifs(before.vifs().stream().filter(vif -> !wanted.vifs().contains(vif)).toList());
    }
    writeDown(wanted);
    if (!making.hasDisk(wanted, files)) {
      end(false);
      making.makeDisk(wanted, spec.rootDisk(), files);
    } else {
      making.restoreImage(wanted, spec.rootDisk());
    }
    making.makeConfigDrive(wanted, spec.configDrive(), files);
    if (spec.power() == PowerState.STOPPED) {
      stop();
      return;
    }
    RunningGuest run = running;
    if (run == null || !runs()) {
      end(false);
      start(wanted, hardware);
    } else {
      making.plugMissing(wanted, hardware, run);
    }
    standStill(spec.power() == PowerState.PAUSED);
  }

  private boolean runs() {
    return running != null && !running.ended().isDone();
  }

  private void standStill(boolean still) throws HostException {
    try {
      existingRun().standStill(still);
    } catch (IOException e) {
      throw new HostException("guest " + files.id() + " cannot be paused or go on", true, e);
    }
  }

  private RunningGuest existingRun() throws HostException {
    RunningGuest run = running;
    if (run == null) {
      throw new HostException("guest " + files.id() + " does not run", false);
    }
    return run;
  }

  void interrupt() throws HostException {
    try {
      existingRun().interrupt();
    } catch (IOException e) {
      throw new HostException("guest " + files.id() + " cannot be interrupted", true, e);
    }
  }

  private void writeDown(GuestRecord wanted) throws HostException {
    if (wanted.equals(record)) {
      return;
    }
    try {
      files.create(wanted.uid());
    } catch (IOException e) {
      throw new HostException("cannot make " + files.directory(), true, e);
    }
    record = wanted;
    files.write(wanted);
  }

  private void removeVifs(List<Vif> vifs) throws HostException {
    for (Vif vif : vifs) {
      if (running != null) {
        try {
          running.unplug(vif.portId().toString());
        } catch (IOException e) {
          throw new HostException("cannot unplug port " + vif.portId(), true, e);
        }
      }
      making.vifs().unplug(vif.tapName());
    }
  }

  private void start(GuestRecord wanted, GuestHardware hardware) throws HostException {
    running = making.launch(wanted, hardware, files, this::endedByItself);
    enter(GuestState.RUNNING);
  }

  /** Stops the guest, if it runs, its operating system willing, and records that it is stopped. */
  private void stop() throws HostException {
    if (running != null) {
      end(!running.paused());
    } else if (state.phase() != GuestState.Phase.STOPPED) {
      making.unplugAll(record);
      enter(GuestState.stopped("stopped"));
    }
  }

  /**
   * Ends the process if there is one.
   *
   * @param gently whether to ask the guest's operating system first and wait for the configured
   *     grace
   */
  private void end(boolean gently) throws HostException {
    RunningGuest run = running;
    if (run == null) {
      return;
    }
    enterStopping();
    if (gently) {
      awaitPowerOff(run);
    }
    run.terminate();
    running = null;
    making.unplugAll(record);
    enter(GuestState.stopped("stopped"));
  }

  private void enterStopping() throws HostException {
    // Not shown to callers: it runs until it does not.
    files.write(GuestState.STOPPING);
  }

  /** Asks the guest to power off and waits for that, for the grace or until it is removed. */
  private void awaitPowerOff(RunningGuest run) {
    CompletableFuture<Object> end = CompletableFuture.anyOf(run.ended(), removal);
    long deadline = System.nanoTime() + making.powerdownGrace().toNanos();
    Duration pause = FIRST_PRESS_AGAIN;
    while (!end.isDone() && System.nanoTime() < deadline) {
      run.pressPowerButton();
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      Waiting.forEnd(end, left.compareTo(pause) < 0 ? left : pause);
      pause = pause.compareTo(LAST_PRESS_AGAIN) < 0 ? pause.multipliedBy(2) : pause;
    }
  }

  void reboot(RebootType type) throws HostException {
    GuestRecord known = existing();
    GuestHardware hardware = GuestHardware.of(known.hardware());
    if (type == RebootType.SOFT && running == null) {
      throw new HostException("guest " + files.id() + " does not run", false);
    }
    end(type == RebootType.SOFT);
    if (removal.isDone()) {
      throw new HostException("guest " + files.id() + " is being removed", false);
    }
    start(known, hardware);
  }

  /** Lets no stop wait any longer. Called without the lock, before {@link #remove}. */
  void hurry() {
    removal.complete(null);
  }

  void remove() throws HostException {
    if (running != null) {
      enterStopping();
      running.terminate();
      running = null;
    }
    making.unplugAll(record);
    try {
      if (making.users().owns(files.id())) {
        // Whatever was started by a guest that had taken over its QEMU.
        QemuProcess.endAll(making.users().of(files.id()));
      }
      files.delete();
    } catch (IOException e) {
      throw new HostException("cannot remove " + files.directory(), true, e);
    }
    removed = true;
  }

  /** Does not take the guest's lock, so that a console can be read while the guest stops. */
  String consoleLog(int lines) throws HostException {
    existing();
    RunningGuest run = running;
    try {
      if (run != null) {
        run.drainConsole();
      }
    } catch (IOException e) {
      LOG.debug("console of {} is not up to date: {}", files.id(), e.getMessage());
    }
    try {
      return new ConsoleLog(files.console()).tail(lines);
    } catch (IOException e) {
      throw new HostException("cannot read " + files.console(), true, e);
    }
  }

  void snapshot(Path target) throws HostException {
    Snapshot snapshot = making.snapshot(existing(), files);
    if (running == null) {
      snapshot.ofStopped(target);
    } else {
      snapshot.ofRunning(running, removal, target);
    }
  }

  /** Cuts what QEMU said on standard error, which a guest may provoke without end. */
  void cutLog(long limit) throws HostException {
    try {
      if (Files.exists(files.qemuLog()) && Files.size(files.qemuLog()) > limit) {
        Files.write(files.qemuLog(), new byte[0]);
      }
    } catch (IOException e) {
      throw new HostException("cannot cut " + files.qemuLog(), true, e);
    }
  }

  /** Stops watching; the guest runs on. */
  void detach() {
    lock.lock();
    try {
      if (running != null) {
        running.close();
      }
    } finally {
      lock.unlock();
    }
  }

  private void endedByItself(RunningGuest run, RunningGuest.End end) {
    lock.lock();
    try {
      if (running != run) {
        return; // Lastmile ended it, or has noticed already.
      }
      GuestState seen =
          switch (end) {
            case POWERED_OFF -> GuestState.stopped("shut down by the guest");
            case PANICKED -> GuestState.crashed("the guest's kernel panicked");
            case DIED -> GuestState.crashed(making.lastWords(files));
          };
      enter(seen);
      run.terminate();
      running = null;
      making.unplugAll(record);
    } catch (HostException e) {
      LOG.warn("guest {} ended by itself, cleaning up failed", files.id(), e);
    } finally {
      lock.unlock();
    }
    status().ifPresent(making.changes());
  }

  private void enter(GuestState next) throws HostException {
    files.write(next);
    state = next;
  }

  private GuestRecord existing() throws HostException {
    GuestRecord known = record;
    if (known == null || removed) {
      throw new HostException("guest " + files.id() + " is not on this host", false);
    }
    return known;
  }
}
