package cloud.lastmile.compute;

import cloud.lastmile.platform.core.Json;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Views as bytes, each rendered once: the key holds all that a view depends on. */
final class ServerViews {
  private static final int CACHED = 5000;

  private record Key(UUID id, long revision, ViewOptions options) {}

  private final ServerView view;
  private final ConcurrentMap<Key, byte[]> rendered = new ConcurrentHashMap<>();

  ServerViews(ServerView view) {
    this.view = view;
  }

  byte[] bytes(Server server, ViewOptions options) {
    Key key = new Key(server.id(), server.revision(), options);
    byte[] known = rendered.get(key);
    if (known != null) {
      return known;
    }
    byte[] bytes = Json.mapper().writeValueAsBytes(view.full(server, options));
    if (rendered.size() >= CACHED) {
      rendered.clear();
    }
    rendered.put(key, bytes);
    return bytes;
  }
}
