package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.engine.EngineSync;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Work;
import cloud.lastmile.platform.http.ApiRequest;
import java.util.function.Function;

/**
 * Runs the API's writes: one transaction with its quota, events and marks for the engine; then the
 * wait for the engine's acknowledgement, outside of it.
 */
final class Writes {
  private final Database database;
  private final EngineSync engine;
  private final PortNotices notices;

  Writes(Database database, EngineSync engine, PortNotices notices) {
    this.database = database;
    this.engine = engine;
    this.notices = notices;
  }

  <T> T read(Work<T> work) {
    return database.read(work);
  }

  <T> T run(ApiRequest request, Function<Write, T> work) {
    return run(request.context().requestId(), work);
  }

  /** Returns when the engine has it, or when it was waited for long enough. */
  <T> T run(String requestId, Function<Write, T> work) {
    record Done<R>(R result, Write write) {}
    Done<T> done =
        database.transact(handle -> {
          Write write = new Write(handle);
          T result = work.apply(write);
          return new Done<>(result, write);
        });
    engine.await(done.write().touched());
    done.write().touched().stream()
        .filter(key -> key.kind() == EngineKey.Kind.PORT)
        .forEach(key -> notices.changed(key.id()));
    return done.result();
  }

  void ensureDefaultGroup(ApiRequest request, String projectId) {
    boolean present =
        database.read(handle -> SecurityGroupStore.findDefault(handle, projectId).isPresent());
    if (!present) {
      run(request, write -> SecurityGroupStore.defaultGroup(write, projectId));
    }
  }
}
