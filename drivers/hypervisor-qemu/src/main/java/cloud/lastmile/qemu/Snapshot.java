package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Copies a root disk, flattened, to a qcow2 file that is Lastmile's alone. The guest's user writes
 * it, for no other may read the disk and nothing of what a guest has written is parsed by root;
 * what it wrote is then taken out of its reach, looked at, and copied if it may still have it open.
 *
 * @param group who may read the base image
 */
record Snapshot(GuestRecord guest, GuestFiles files, Path baseImage, int group, Sandbox sandbox) {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshot.class);
  private static final Duration TIMEOUT = Duration.ofHours(2);
  private static final String JOB = "snapshot";
  private static final String NODE = "snapshot-target";
  private static final String FILE = "snapshot.qcow2";

  /** What the sandbox calls the base image, the disk and the directory to write in. */
  private static final String BASE = "/base";

  private static final String DISK = "/disk";
  private static final String WORK = "/work";

  void ofStopped(Path target) throws HostException {
    try {
      Path directory = files.scratch("snapshot");
      GuestFiles.directory(directory, guest.uid(), guest.uid(), "rwx------");
      Map<String, Path> readable = new HashMap<>(Map.of(BASE, baseImage));
      if (!guest.cdrom()) {
        readable.put(DISK, files.closedDisk(guest));
      }
      confined(
          readable,
          directory,
          List.of("qemu-img", "convert", "-O", "qcow2", "json:" + source(), WORK + "/" + FILE));
      // The sandbox's processes are gone; a leftover of a QEMU that was taken over may not be.
      handOver(directory.resolve(FILE), IdRegistry.isBusy(guest.uid()), target);
    } catch (IOException | CommandException e) {
      throw failed(e);
    } finally {
      remove();
    }
  }

  /**
   * Copies while the guest runs.
   *
   * @param abort ends the copying with an error when it completes
   */
  void ofRunning(RunningGuest running, CompletableFuture<Void> abort, Path target)
      throws HostException {
    Path file = files.run().resolve(FILE);
    try {
      Path directory = files.scratch("snapshot");
      GuestFiles.directory(directory, guest.uid(), guest.uid(), "rwx------");
      String size = Long.toString(guest.diskSize());
      confined(
          Map.of(),
          directory,
          List.of("qemu-img", "create", "-q", "-f", "qcow2", WORK + "/" + FILE, size));
      files.deleteInRun(FILE, Optional.empty());
      Files.move(directory.resolve(FILE), file, StandardCopyOption.ATOMIC_MOVE);
      backup(running, abort, file);
      handOver(file, true, target);
    } catch (IOException | CommandException e) {
      throw failed(e);
    } finally {
      remove();
    }
  }

  private HostException failed(Exception e) {
    return new HostException(
        "cannot copy the disk of guest %s: %s".formatted(guest.id(), e.getMessage()), true, e);
  }

  private void remove() {
    try {
      files.create(guest.uid());
      files.deleteInRun(FILE, Optional.empty());
      files.scratch("snapshot");
      files.scratch("taken");
    } catch (IOException e) {
      LOG.warn("cannot remove a snapshot of guest {}", guest.id(), e);
    }
  }

  /**
   * Gives the caller the file that the guest's user made.
   *
   * @param open whether somebody of that user may have it open still, and go on writing
   */
  private void handOver(Path file, boolean open, Path target) throws IOException, CommandException {
    Path taken = files.takeOut(file, guest.uid(), limit());
    GuestFiles.own(taken, GuestFiles.currentUid(), 0, "rw-------");
    if (!open && move(taken, target)) {
      return;
    }
    Path partial = target.resolveSibling(target.getFileName() + ".partial");
    Files.deleteIfExists(partial);
    List<String> copying = List.of("cp", "--reflink=auto", "--sparse=always", "--");
    List<String> command = new ArrayList<>(List.of("prlimit", "--fsize=" + limit(), "--"));
    command.addAll(copying);
    command.addAll(List.of(taken.toString(), partial.toString()));
    Commands.run(command, TIMEOUT);
    Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Whether the file could be moved; not to another file system. */
  private static boolean move(Path file, Path target) throws IOException {
    try {
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (AtomicMoveNotSupportedException otherFileSystem) {
      return false;
    }
  }

  /** The largest qcow2 file of the disk: its tables take less than a 64th. */
  private long limit() {
    return guest.diskSize() + guest.diskSize() / 64 + (64L << 20);
  }

  private void backup(RunningGuest running, CompletableFuture<Void> abort, Path file)
      throws IOException, HostException {
    Map<String, Object> backend = Map.of("driver", "file", "filename", file.toString());
    running.execute("blockdev-add", Map.of("driver", "qcow2", "node-name", NODE, "file", backend));
    CompletableFuture<JsonNode> end = running.jobEnd(JOB);
    try {
      running.execute(
          "blockdev-backup",
          Map.of("job-id", JOB, "device", CommandLine.ROOT_NODE, "target", NODE, "sync", "full"));
      JsonNode result = await(running, end, abort);
      if (result.has("error") || !result.path("offset").equals(result.path("len"))) {
        throw new IOException("copying ended early: " + result.path("error").asString("cancelled"));
      }
    } finally {
      running.forgetJob(JOB);
      running.execute("blockdev-del", Map.of("node-name", NODE));
    }
  }

  private JsonNode await(
      RunningGuest running, CompletableFuture<JsonNode> end, CompletableFuture<Void> abort)
      throws IOException, HostException {
    try {
      CompletableFuture.anyOf(end, abort, running.ended())
          .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      if (end.isDone()) {
        return end.get();
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("copying did not end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    running.execute("block-job-cancel", Map.of("device", JOB, "force", true));
    Waiting.forEnd(end, Duration.ofSeconds(10));
    throw new HostException("copying the disk of guest " + guest.id() + " was given up", true);
  }

  private void confined(Map<String, Path> readable, Path work, List<String> command)
      throws CommandException {
    int user = guest.uid();
    Set<Integer> groups = readable.isEmpty() ? Set.of() : Set.of(group);
    sandbox.run(
        new Sandbox.Cell(user, user, groups, readable, Map.of(WORK, work), limit(), TIMEOUT),
        command);
  }

  private static Map<String, Object> named(String path) {
    return Map.of("driver", "file", "filename", path);
  }

  /** The disk with its format and base said, whatever its header claims. */
  private String source() {
    Map<String, Object> raw = Map.of("driver", "raw", "file", named(BASE));
    if (guest.cdrom()) {
      return JsonMapper.shared().writeValueAsString(raw);
    }
    return JsonMapper.shared()
        .writeValueAsString(Map.of("driver", "qcow2", "file", named(DISK), "backing", raw));
  }
}
