package cloud.lastmile.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One host that runs guests: what compute asks of it and what it reports back.
 *
 * <p>Level-based: {@link #ensure} is told how a guest shall be, works out what is missing and makes
 * it so; a repeated or interrupted call does no harm, nor does one that comes after a restart of
 * Lastmile. {@link #observe} tells what is really there. The simulator and the QEMU driver both
 * implement this and both pass {@code HostContract}.
 *
 * <p>All methods block and may be called from many virtual threads; calls for one guest are
 * serialised by the host. Guests outlive {@link #close()} and the death of this process.
 */
public interface Host extends AutoCloseable {

  /** What the host has; constant while it runs. */
  HostFacts facts();

  /**
   * Makes the guest exactly as {@code spec} says: root disk, config drive, VIFs, process, power.
   * Returns when that is so. Idempotent. A disk that already exists is never replaced unless {@link
   * GuestSpec#diskGeneration()} is higher than the one it was made with (rebuild; the guest is
   * restarted from the new disk). VIFs of a running guest are added and removed at once; new vcpus,
   * memory, hardware and config drive take effect at its next start. Stopping asks the guest's
   * operating system and waits for the driver's configured time before it ends the guest; a paused
   * guest cannot answer and is ended at once.
   *
   * @throws HostException if it cannot be done. A spec that can never be done changes nothing; else
   *     what was made stays, for {@link #remove} or a retry
   */
  void ensure(GuestSpec spec) throws HostException;

  /**
   * Ends the guest at once and removes its disks, VIFs and files. No error if it is not there. A
   * stop or reboot under way for it does not wait for the guest any longer.
   */
  void remove(UUID guest) throws HostException;

  /**
   * Restarts the guest. {@code HARD} restarts the process with the stored spec (also from stopped);
   * {@code SOFT} asks the guest's operating system, and becomes hard if that is not answered within
   * the driver's configured time.
   */
  void reboot(UUID guest, RebootType type) throws HostException;

  /**
   * Sends the running or paused guest a non-maskable interrupt, at which its kernel may dump its
   * memory or panic, or do nothing.
   */
  void interrupt(UUID guest) throws HostException;

  /** What is known of one guest; empty if the host has no trace of it. */
  Optional<GuestStatus> status(UUID guest);

  /** Every guest the host has a trace of, also those nobody asked for. */
  List<GuestStatus> observe();

  /**
   * The last {@code lines} lines of the guest's serial console, all of it when {@code lines} < 0.
   */
  String consoleLog(UUID guest, int lines) throws HostException;

  /**
   * Writes the guest's root disk, flattened, as a qcow2 file. The guest may run; the copy is then
   * crash-consistent.
   */
  void snapshot(UUID guest, Path target) throws HostException;

  /**
   * Removes what no guest owns: taps, cached images that no guest uses, files of interrupted work.
   * Harmless at any time.
   */
  void sweep() throws HostException;

  /** Is told, soon, of every guest whose power state changed by itself (power off, crash). */
  void onChange(Consumer<GuestStatus> listener);

  /** Stops watching. Guests keep running. */
  @Override
  void close() throws IOException;

  /** Kinds of reboot, as in the compute API. */
  enum RebootType {
    SOFT,
    HARD
  }
}
