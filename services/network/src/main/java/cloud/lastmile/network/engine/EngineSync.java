package cloud.lastmile.network.engine;

import cloud.lastmile.network.backend.NetworkBackend;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.platform.database.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Set;

/** Brings the engine to what the database says. */
public final class EngineSync {
  private final Database database;
  private final NetworkBackend backend;

  public EngineSync(Database database, NetworkBackend backend) {
    this.database = database;
    this.backend = backend;
  }

  /** Makes the engine hold exactly what the database says. */
  public void reconcileAll() throws IOException {
    Topology topology = database.read(handle -> new TopologyReader(handle).all());
    backend.reconcile(topology);
  }

  /** Tells the engine how these are now, or that they are gone; one change for all of them. */
  public void apply(Collection<EngineKey> keys) throws IOException {
    backend.apply(database.read(handle -> ChangeReader.read(handle, keys)));
  }

  public synchronized void await(Set<EngineKey> keys) {
    try {
      apply(keys);
    } catch (IOException away) {
      throw new UncheckedIOException(away);
    }
  }
}
