package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.engine.EngineSync;
import cloud.lastmile.network.resource.Collection;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Work;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.QuotaExceeded;
import cloud.lastmile.platform.policy.Quotas;
import cloud.lastmile.platform.work.Event;
import cloud.lastmile.platform.work.Events;
import cloud.lastmile.platform.work.Reconciler;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the API's writes: one transaction with its quota, events and marks for the engine; then the
 * wait for the engine's acknowledgement, outside of it.
 */
final class Writes {
  private final Database database;
  private final EngineSync engine;
  private final Events events;
  private final Quotas quotas;
  private final PortNotices notices;
  private final Duration engineWait;

  /**
   * @param engineWait how long a request waits for the engine before it answers without it
   */
  Writes(
      Database database,
      EngineSync engine,
      Events events,
      Quotas quotas,
      PortNotices notices,
      Duration engineWait) {
    this.database = database;
    this.engine = engine;
    this.events = events;
    this.quotas = quotas;
    this.notices = notices;
    this.engineWait = engineWait;
  }

  private record Done<R>(R result, Write write, Reconciler.Mark mark) {}

  <T> T read(Work<T> work) {
    return database.read(work);
  }

  <T> T run(ApiRequest request, Function<Write, T> work) {
    return run(request.context().requestId(), work);
  }

  /** Returns when the engine has it, or when it was waited for long enough. */
  <T> T run(String requestId, Function<Write, T> work) {
    Done<T> done = commit(requestId, work);
    lookAgain(done.write());
    engine.await(done.mark(), engineWait);
    done.write().told().forEach(notices::changed);
    return done.result();
  }

  /**
   * Refuses more than the projects may have, before anything is done for it. A single one is left
   * to the reservation that comes with its row.
   *
   * @throws ApiException conflict, as when the rows were written
   */
  void requireRoom(Noun noun, List<Collection.Create> creates) {
    if (creates.size() < 2) {
      return;
    }
    Map<String, Long> wanted =
        creates.stream()
            .collect(Collectors.groupingBy(Collection.Create::projectId, Collectors.counting()));
    try {
      wanted.forEach((project, many) -> {
        Map<String, Long> amounts = Map.of(noun.singular(), many);
        database.read(handle -> {
          quotas.check(handle, project, amounts);
          return amounts;
        });
      });
    } catch (QuotaExceeded exceeded) {
      throw overQuota(exceeded);
    }
  }

  /** Inserts all that a create wants, together or not at all; gives the rows in their order. */
  List<ObjectNode> insert(
      ApiRequest request,
      List<Collection.Create> creates,
      BiFunction<Write, Collection.Create, ObjectNode> insert) {
    return run(
        request, write -> creates.stream().map(create -> insert.apply(write, create)).toList());
  }

  /** What came to be beside the write learns of it as if it had been there before. */
  private void lookAgain(Write write) {
    for (Function<Handle, List<EngineKey>> others : write.others()) {
      Set<EngineKey> late = new LinkedHashSet<>(database.read(others::apply));
      late.removeAll(write.touched());
      if (!late.isEmpty()) {
        database.transact(handle -> engine.mark(handle, late));
      }
    }
  }

  private <T> Done<T> commit(String requestId, Function<Write, T> work) {
    try {
      return database.transact(handle -> {
        Write write = new Write(handle);
        T result = work.apply(write);
        Reconciler.Mark mark = engine.mark(handle, write.touched());
        append(handle, write, requestId);
        // Last, for the project's other requests wait for this one from here on.
        write.counts().forEach((project, amounts) -> quotas.reserve(handle, project, amounts));
        return new Done<>(result, write, mark);
      });
    } catch (QuotaExceeded exceeded) {
      throw overQuota(exceeded);
    }
  }

  private void append(Handle handle, Write write, String requestId) {
    for (Write.Happened event : write.events()) {
      String[] words = event.type().split("\\.", -1);
      events.append(
          handle,
          Event.of(
              event.type(),
              event.projectId(),
              words[1],
              event.id().toString(),
              requestId,
              event.resource()));
    }
  }

  private static ApiException overQuota(QuotaExceeded exceeded) {
    String resources =
        exceeded.excesses().stream()
            .map(excess -> "'" + excess.resource() + "'")
            .collect(Collectors.joining(", "));
    return Errors.conflict("OverQuota", "Quota exceeded for resources: [" + resources + "].");
  }

  /** Refuses what the caller may not know of as if it were not there. */
  void requireVisible(ApiRequest request, Noun noun, UUID id) {
    if (database.read(handle -> noun.find(handle, request, id)).isEmpty()) {
      throw noun.missing(id.toString());
    }
  }

  void ensureDefaultGroup(ApiRequest request, String projectId) {
    boolean present =
        database.read(handle -> SecurityGroupStore.findDefault(handle, projectId).isPresent());
    if (!present) {
      run(request, write -> SecurityGroupStore.defaultGroup(write, projectId));
    }
  }
}
