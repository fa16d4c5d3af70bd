package cloud.lastmile.network.write;

import cloud.lastmile.network.common.NetworkDialect;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.engine.EngineKey.Kind;
import cloud.lastmile.platform.resource.Write;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/** One write while its transaction runs, with what it touched for the engine and for listeners. */
public final class NetworkWrite extends Write {
  private final Set<EngineKey> touched = new LinkedHashSet<>();
  private final Set<UUID> told = new LinkedHashSet<>();
  private final List<Function<Handle, List<EngineKey>>> others = new ArrayList<>();

  NetworkWrite(Handle handle) {
    super(NetworkDialect.INSTANCE, handle);
  }

  /** The engine must learn of this, and whoever listens to ports. */
  public void touch(EngineKey... keys) {
    touch(List.of(keys));
  }

  void touch(List<EngineKey> keys) {
    touched.addAll(keys);
    keys.stream().filter(key -> key.kind() == Kind.PORT).map(EngineKey::id).forEach(told::add);
  }

  /** As {@link #touch} of a port that has no device yet, for which nobody listens. */
  public void touchFree(UUID port) {
    touched.add(EngineKey.port(port));
  }

  /**
   * The engine must learn of these ports too, which others may make or change just now, unseen by
   * this transaction: they are looked for again once it is committed.
   */
  public void touchAlso(Function<Handle, List<EngineKey>> ports) {
    touched.addAll(ports.apply(handle()));
    others.add(ports);
  }

  /** What must be looked for again after the commit. */
  List<Function<Handle, List<EngineKey>>> others() {
    return others;
  }

  /** The ports whose listeners must learn of the write. */
  Set<UUID> told() {
    return told;
  }

  Set<EngineKey> touched() {
    return touched;
  }
}
