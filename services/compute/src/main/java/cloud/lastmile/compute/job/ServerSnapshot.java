package cloud.lastmile.compute.job;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Saga;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Copies a guest's disk and hands it to the image service; undone, the image is no more. */
public final class ServerSnapshot {

  /** What the job carries: the queued image is there already. */
  public record Job(ServerJob server, UUID image) {}

  private final Saga<Job> saga;
  private final Database database;
  private final JobServer jobServer;
  private final Images images;
  private final Path directory;
  private final ServerOutcome outcome;
  private final InstantSource clock;

  public ServerSnapshot(
      Database database,
      JobServer jobServer,
      Images images,
      Path directory,
      ServerOutcome outcome,
      InstantSource clock) {
    this.database = database;
    this.jobServer = jobServer;
    this.images = images;
    this.directory = directory;
    this.outcome = outcome;
    this.clock = clock;
    this.saga =
        Saga.named("server-snapshot", Job.class)
            .step("begin", this::begin, this::discard)
            .step("copy", this::copy)
            .step("hand-over", this::handOver)
            .transaction("done", this::finish)
            .onFailure(this::fail);
  }

  public Saga<Job> saga() {
    return saga;
  }

  private Path file(Job job) {
    return directory.resolve(job.image() + ".qcow2");
  }

  private Job begin(Job job) throws IOException {
    jobServer.wanted(job.server());
    Files.createDirectories(directory);
    advance(job, TaskState.IMAGE_SNAPSHOT_PENDING, TaskState.IMAGE_SNAPSHOT);
    return job;
  }

  private void advance(Job job, TaskState from, TaskState to) {
    database.change(handle -> outcome.advance(handle, job.server().server(), from, to));
  }

  private Job copy(Job job) throws HostException, IOException {
    Server server = jobServer.wanted(job.server());
    Files.deleteIfExists(file(job));
    jobServer.host(server).snapshot(server.id(), file(job));
    advance(job, TaskState.IMAGE_SNAPSHOT, TaskState.IMAGE_UPLOADING);
    return job;
  }

  private Job handOver(Job job) throws IOException {
    images.adopt(job.image(), file(job));
    return job;
  }

  private void discard(Job job) throws IOException {
    images.discard(job.image());
    Files.deleteIfExists(file(job));
  }

  private Job finish(Handle handle, Job job) {
    outcome.done(handle, job.server(), ServerChange.none());
    return job;
  }

  private void fail(Handle handle, Job job, String error) {
    outcome.failed(handle, job.server(), error, clock.instant());
  }
}
