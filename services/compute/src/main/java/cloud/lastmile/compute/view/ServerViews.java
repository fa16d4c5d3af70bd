package cloud.lastmile.compute.view;

import cloud.lastmile.compute.server.Server;
import cloud.lastmile.platform.core.Json;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.UUID;
import java.util.function.Function;

/** Views as bytes, each rendered once: the options and the revision are all that one depends on. */
public final class ServerViews {
  private static final long KEPT_BYTES = 32 << 20;
  private static final int ENTRY_BYTES = 150;

  /** Which view of which server. */
  private record Key(ViewOptions options, UUID server) {}

  /** Never compared. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Rendered(long revision, byte[] bytes) {}

  private final ServerView view;
  private final Cache<Key, Rendered> rendered =
      Caffeine.newBuilder()
          .maximumWeight(KEPT_BYTES)
          .weigher((Key _, Rendered one) -> ENTRY_BYTES + one.bytes().length)
          .build();

  public ServerViews(ServerView view) {
    this.view = view;
  }

  /** What makes the view of each server of an answer. */
  public Function<Server, byte[]> of(ViewOptions options) {
    return server -> {
      Key key = new Key(options, server.id());
      Rendered last = rendered.getIfPresent(key);
      return last != null && last.revision() == server.revision()
          ? last.bytes()
          : render(server, key);
    };
  }

  private byte[] render(Server server, Key key) {
    byte[] bytes = Json.mapper().writeValueAsBytes(view.full(server, key.options()));
    rendered.put(key, new Rendered(server.revision(), bytes));
    return bytes;
  }
}
