package cloud.lastmile.compute.job;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.server.ActionLog;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerRefusals;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.work.Jobs;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts that a server shall be deleted. A job under way for it is cut short. */
public final class ServerDeletion {
  private static final Logger LOG = LoggerFactory.getLogger(ServerDeletion.class);

  private final Database database;
  private final ServerStore servers;
  private final ActionLog actions;
  private final Jobs jobs;
  private final ServerDelete deletion;
  private final Hosts hosts;

  public ServerDeletion(
      Database database,
      ServerStore servers,
      ActionLog actions,
      Jobs jobs,
      ServerDelete deletion,
      Hosts hosts) {
    this.database = database;
    this.servers = servers;
    this.actions = actions;
    this.jobs = jobs;
    this.deletion = deletion;
    this.hosts = hosts;
  }

  /**
   * @param action {@code delete} or {@code forceDelete}, for the log
   */
  public void accept(ApiRequest request, Server server, String action) {
    RequestContext context = request.context();
    ServerJob job = new ServerJob(server.id(), context.requestId());
    Optional<TaskState> before =
        database.transact(handle -> {
          Server locked =
              servers
                  .lock(handle, server.id())
                  .orElseThrow(() -> ServerFinder.notFound(server.id().toString()));
          ServerRefusals.requireUnlocked(request, locked);
          Optional<TaskState> task = locked.state().task();
          boolean again = task.equals(Optional.of(TaskState.DELETING));
          if (again && jobs.live(handle, job.key()) > 0) {
            return Optional.<TaskState>empty();
          }
          servers.update(handle, server.id(), ServerChange.task(TaskState.DELETING));
          actions.start(
              handle, List.of(server.id()), action, "compute_terminate_instance", context);
          jobs.nudge(handle, job.key());
          jobs.submit(handle, deletion.saga(), job.key(), job, job.requestId(), server.projectId());
          return task;
        });
    if (before.isPresent() && server.where().host().isPresent()) {
      Thread.ofVirtual().name("cut-short").start(() -> cutShort(server));
    }
  }

  /** Ends the wait of a stop or reboot under way; the job itself removes the guest again. */
  private void cutShort(Server server) {
    try {
      hosts.require(server.where().host().orElseThrow()).remove(server.id());
    } catch (HostException later) {
      LOG.debug("The guest of {} is removed by its job", server.id(), later);
    }
  }
}
