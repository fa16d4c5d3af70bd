package cloud.lastmile.network.backend;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * The engine below the network API. Level-based: it is told how things shall be, finds what is
 * missing and makes it so; a repeat does no harm.
 */
public interface NetworkBackend extends AutoCloseable {

  /**
   * Makes the engine agree. Returns when it has acknowledged all of them durably; nothing is half
   * done if this throws, or a repeat completes it. Order within the list is kept.
   *
   * @throws IOException if the engine is away; try again
   * @throws RuntimeException if one of the changes cannot be made, whenever it is tried; find out
   *     which by trying fewer
   */
  void apply(List<Change> changes) throws IOException;

  /**
   * Makes the engine hold exactly this: adds, mends and removes. Run at start and now and then. A
   * resource that cannot be made so keeps no other from it.
   *
   * @return the resources that could not be made so, with the reason
   * @throws IOException if the engine is away; try again
   */
  Map<UUID, String> reconcile(Topology desired) throws IOException;

  /** Is told of every port whose link went up or down, and of all at registration. */
  void onPortStatus(BiConsumer<UUID, Boolean> listener);

  @Override
  void close() throws IOException;
}
