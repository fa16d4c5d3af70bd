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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Copies a root disk, flattened, to a qcow2 file. QEMU writes into the guest's own directory, as
 * the guest's user; the finished file is then moved to where the caller wants it.
 */
record Snapshot(GuestRecord guest, GuestFiles files, Path baseImage, int gid) {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshot.class);
  private static final Duration TIMEOUT = Duration.ofHours(2);
  private static final String JOB = "snapshot";
  private static final String NODE = "snapshot-target";

  void ofStopped(Path target) throws HostException {
    copyTo(
        target,
        file ->
            asGuest(
                List.of(
                    "qemu-img", "convert", "-O", "qcow2", "json:" + source(), file.toString())));
  }

  /**
   * Copies while the guest runs.
   *
   * @param abort ends the copying with an error when it completes
   */
  void ofRunning(RunningGuest running, CompletableFuture<Void> abort, Path target)
      throws HostException {
    copyTo(
        target,
        file -> {
          asGuest(
              List.of(
                  "qemu-img",
                  "create",
                  "-q",
                  "-f",
                  "qcow2",
                  file.toString(),
                  Long.toString(guest.diskSize())));
          backup(running, abort, file);
        });
  }

  private interface Copying {
    void to(Path file) throws IOException, CommandException, HostException;
  }

  private void copyTo(Path target, Copying copying) throws HostException {
    Path file = files.run().resolve("snapshot.qcow2");
    try {
      Files.deleteIfExists(file);
      copying.to(file);
      GuestFiles.own(file, GuestFiles.currentUid(), gid, "rw-------");
      move(file, target);
    } catch (IOException | CommandException e) {
      throw new HostException(
          "cannot copy the disk of guest %s: %s".formatted(guest.id(), e.getMessage()), true, e);
    } finally {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.warn("cannot remove {}", file, e);
      }
    }
  }

  private static void move(Path file, Path target) throws IOException {
    try {
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException otherFileSystem) {
      Path partial = target.resolveSibling(target.getFileName() + ".partial");
      Files.copy(file, partial, StandardCopyOption.REPLACE_EXISTING);
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    }
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

  private void asGuest(List<String> command) throws CommandException {
    Commands.run(Commands.asUser(guest.uid(), gid, command), TIMEOUT);
  }

  /** The disk with its format and base said, whatever its header claims. */
  private String source() {
    Map<String, Object> base = Map.of("driver", "file", "filename", baseImage.toString());
    Map<String, Object> raw = Map.of("driver", "raw", "file", base);
    if (guest.cdrom()) {
      return JsonMapper.shared().writeValueAsString(raw);
    }
    Map<String, Object> overlay =
        Map.of("driver", "file", "filename", files.disk(guest.diskGeneration()).toString());
    return JsonMapper.shared()
        .writeValueAsString(Map.of("driver", "qcow2", "file", overlay, "backing", raw));
  }
}
