package cloud.lastmile.compute;

import cloud.lastmile.platform.core.Json;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/** Views as bytes, each rendered once: the options and the revision are all that one depends on. */
final class ServerViews {
  private static final int KEPT_SERVERS = 5000;
  private static final int KEPT_OPTIONS = 16;

  /** Never compared. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Rendered(long revision, byte[] bytes) {}

  private final ServerView view;
  private final ConcurrentMap<ViewOptions, ConcurrentMap<UUID, Rendered>> rendered =
      new ConcurrentHashMap<>();

  ServerViews(ServerView view) {
    this.view = view;
  }

  /** What makes the view of each server of an answer. */
  Function<Server, byte[]> of(ViewOptions options) {
    if (rendered.size() > KEPT_OPTIONS) {
      rendered.clear();
    }
    ConcurrentMap<UUID, Rendered> known =
        rendered.computeIfAbsent(options, _ -> new ConcurrentHashMap<>());
    return server -> {
      Rendered last = known.get(server.id());
      return last != null && last.revision() == server.revision()
          ? last.bytes()
          : render(server, options, known);
    };
  }

  private byte[] render(Server server, ViewOptions options, ConcurrentMap<UUID, Rendered> known) {
    byte[] bytes = Json.mapper().writeValueAsBytes(view.full(server, options));
    if (known.size() >= KEPT_SERVERS) {
      known.clear();
    }
    known.put(server.id(), new Rendered(server.revision(), bytes));
    return bytes;
  }
}
