package cloud.lastmile.network.write;

import cloud.lastmile.network.common.NetworkDialect;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.engine.EngineSync;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Work;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.QuotaExceeded;
import cloud.lastmile.platform.policy.Quotas;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.work.Events;
import cloud.lastmile.platform.work.Reconciler;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * Runs the API's writes: one transaction with its quota, events and marks for the engine; then the
 * wait for the engine's acknowledgement, outside of it.
 */
public final class Writes implements cloud.lastmile.platform.resource.Writes<NetworkWrite> {
  private final Database database;
  private final EngineSync engine;
  private final Events events;
  private final Quotas quotas;
  private final Consumer<UUID> portChanged;
  private final Duration engineWait;

  /**
   * @param portChanged is told of each port that a write touched, when the engine has it
   * @param engineWait how long a request waits for the engine before it answers without it
   */
  public Writes(
      Database database,
      EngineSync engine,
      Events events,
      Quotas quotas,
      Consumer<UUID> portChanged,
      Duration engineWait) {
    this.database = database;
    this.engine = engine;
    this.events = events;
    this.quotas = quotas;
    this.portChanged = portChanged;
    this.engineWait = engineWait;
  }

  private record Done<R>(R result, NetworkWrite write, Reconciler.Mark mark) {}

  @Override
  public <T> T read(Work<T> work) {
    return database.read(work);
  }

  /** Returns when the engine has it, or when it was waited for long enough. */
  @Override
  public <T> T run(String requestId, Function<NetworkWrite, T> work) {
    Done<T> done = commit(requestId, work);
    lookAgain(done.write());
    engine.await(done.mark(), engineWait);
    done.write().told().forEach(portChanged);
    return done.result();
  }

  @Override
  public void requireRoom(String projectId, Map<String, Long> amounts) {
    try {
      database.read(handle -> {
        quotas.check(handle, projectId, amounts);
        return amounts;
      });
    } catch (QuotaExceeded exceeded) {
      throw NetworkDialect.INSTANCE.overQuota(exceeded);
    }
  }

  /** What came to be beside the write learns of it as if it had been there before. */
  private void lookAgain(NetworkWrite write) {
    for (Function<Handle, List<EngineKey>> others : write.others()) {
      Set<EngineKey> late = new LinkedHashSet<>(database.read(others::apply));
      late.removeAll(write.touched());
      if (!late.isEmpty()) {
        database.transact(handle -> engine.mark(handle, late));
      }
    }
  }

  private <T> Done<T> commit(String requestId, Function<NetworkWrite, T> work) {
    return database.transact(handle -> {
      NetworkWrite write = new NetworkWrite(handle);
      T result = work.apply(write);
      Reconciler.Mark mark = engine.mark(handle, write.touched());
      write.complete(events, quotas, requestId);
      return new Done<>(result, write, mark);
    });
  }

  /** Refuses what the caller may not know of as if it were not there. */
  public void requireVisible(ApiRequest request, Noun noun, UUID id) {
    if (database.read(handle -> noun.find(handle, request, id)).isEmpty()) {
      throw noun.missing(id.toString());
    }
  }
}
