package cloud.lastmile.compute.boot;

import cloud.lastmile.compute.group.ServerGroupStore;
import cloud.lastmile.compute.job.ServerCreate;
import cloud.lastmile.compute.quota.ComputeQuotas;
import cloud.lastmile.compute.server.ActionLog;
import cloud.lastmile.compute.server.PowerState;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerEvents;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.QuotaExceeded;
import cloud.lastmile.platform.work.Jobs;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Accepts new servers: quota, rows and jobs in one transaction, or nothing. */
public final class ServerAccept {
  /** The reference has no such bound but the quota, which an administrator may have lifted. */
  static final int MOST_AT_ONCE = 1_000;

  private final Database database;
  private final ServerPlanner planner;
  private final ServerStore servers;
  private final ServerGroupStore groups;
  private final ComputeQuotas quotas;
  private final ActionLog actions;
  private final ServerEvents events;
  private final Jobs jobs;
  private final ServerCreate creation;
  private final InstantSource clock;

  public ServerAccept(
      Database database,
      ServerPlanner planner,
      ServerStore servers,
      ServerGroupStore groups,
      ComputeQuotas quotas,
      ActionLog actions,
      ServerEvents events,
      Jobs jobs,
      ServerCreate creation,
      InstantSource clock) {
    this.database = database;
    this.planner = planner;
    this.servers = servers;
    this.groups = groups;
    this.quotas = quotas;
    this.actions = actions;
    this.events = events;
    this.jobs = jobs;
    this.creation = creation;
    this.clock = clock;
  }

  /** The accepted servers; as many as asked for, or as the quota allows and no less than asked. */
  public List<Server> accept(ApiRequest request, ServerDraft draft) {
    ServerPlan plan = planner.plan(request, draft);
    int count =
        draft.maxCount() == 1 ? 1 : fitting(request.caller().requireProjectId(), draft, plan);
    if (count > MOST_AT_ONCE) {
      throw ApiException.badRequest(
          "At most %d servers can be created by one request, not %d."
              .formatted(MOST_AT_ONCE, count));
    }
    try {
      return accept(request, draft, plan, count);
    } catch (QuotaExceeded exceeded) {
      // Others were quicker since the quota was looked at.
      int fewer = ComputeQuotas.fitting(exceeded, count);
      if (fewer < draft.minCount()) {
        throw ComputeQuotas.tooMany(exceeded);
      }
      return acceptFewer(request, draft, plan, fewer);
    }
  }

  /** How many the quota allows, before a row of them is made. */
  private int fitting(String project, ServerDraft draft, ServerPlan plan) {
    try {
      database.read(handle -> {
        quotas.check(handle, project, plan.flavor(), draft.maxCount());
        return draft;
      });
      return draft.maxCount();
    } catch (QuotaExceeded exceeded) {
      int fitting = ComputeQuotas.fitting(exceeded, draft.maxCount());
      if (fitting < draft.minCount()) {
        throw ComputeQuotas.tooMany(exceeded);
      }
      return fitting;
    }
  }

  private List<Server> acceptFewer(
      ApiRequest request, ServerDraft draft, ServerPlan plan, int count) {
    try {
      return accept(request, draft, plan, count);
    } catch (QuotaExceeded exceeded) {
      throw ComputeQuotas.tooMany(exceeded);
    }
  }

  private List<Server> accept(ApiRequest request, ServerDraft draft, ServerPlan plan, int count) {
    List<Server> accepted = rows(request.caller(), draft, plan, count);
    Caller caller = request.caller();
    String project = caller.requireProjectId();
    return database.transact(handle -> {
      quotas.requireMetadataFits(handle, project, draft.metadata().size());
      requireGroupFits(handle, project, plan, count);
      if (count > 1) {
        // Before the rows, of which there may be many; one alone keeps nobody waiting for its own.
        quotas.reserve(handle, project, plan.flavor(), count);
      }
      servers.insert(handle, accepted);
      actions.start(
          handle,
          accepted.stream().map(Server::id).toList(),
          "create",
          "compute__do_build_and_run_instance",
          request.context());
      for (Server server : accepted) {
        ServerJob job =
            new ServerJob(server.id(), request.context().requestId(), draft.hints().neighbours());
        jobs.submit(handle, creation.saga(), job.key(), job, job.requestId(), project);
      }
      events.servers(handle, "create", accepted, request.context().requestId());
      if (count == 1) {
        quotas.reserve(handle, project, plan.flavor(), 1);
      }
      return accepted;
    });
  }

  private void requireGroupFits(Handle handle, String project, ServerPlan plan, int count) {
    if (plan.group().isEmpty()) {
      return;
    }
    UUID group = plan.group().get();
    groups.lock(handle, group);
    long limit = quotas.limit(handle, project, "server_group_members");
    if (limit >= 0 && groups.countMembers(handle, group) + count > limit) {
      throw ApiException.forbidden("Quota exceeded, too many servers in group");
    }
  }

  private List<Server> rows(Caller caller, ServerDraft draft, ServerPlan plan, int count) {
    List<Server> rows = new ArrayList<>(count);
    String reservation = ServerPlanner.reservationId();
    Instant now = Timestamps.truncate(clock.instant());
    for (int index = 0; index < count; index++) {
      // Several servers of one request are told apart by number.
      String name = draft.maxCount() > 1 ? draft.name() + "-" + (index + 1) : draft.name();
      rows.add(row(caller, draft, plan, reservation, index, name, now));
    }
    return rows;
  }

  private static Server row(
      Caller caller,
      ServerDraft draft,
      ServerPlan plan,
      String reservation,
      int index,
      String name,
      Instant now) {
    UUID id = UUID.randomUUID();
    boolean configDrive = draft.configDrive() || plan.image().needsConfigDrive();
    return new Server(
        id,
        0,
        caller.requireProjectId(),
        caller.userId(),
        name,
        draft.hostname().orElseGet(() -> Hostnames.of(name, id)),
        draft.description(),
        Optional.of(plan.image()),
        plan.flavor(),
        new Server.State(
            VmState.BUILDING,
            Optional.of(TaskState.SCHEDULING),
            PowerState.NOSTATE,
            0,
            Optional.empty()),
        new Server.Times(now, now, Optional.empty(), Optional.empty(), Optional.empty()),
        new Server.Where(
            Optional.empty(), Optional.empty(), plan.zone(), plan.host(), plan.group()),
        new Server.Boot(
            plan.key(),
            draft.userData(),
            configDrive,
            configDrive ? Optional.of(draft.adminPassword()) : Optional.empty()),
        draft.metadata(),
        draft.tags(),
        draft.accessIpV4(),
        draft.accessIpV6(),
        plan.image().diskConfig(draft.diskConfig()),
        Optional.empty(),
        plan.networksOfOne(),
        List.of(),
        reservation,
        index,
        1);
  }
}
