package cloud.lastmile.platform.service;

import cloud.lastmile.platform.http.ServiceApi;

/**
 * A service of the cloud: what all of them give, and nothing of what makes one differ from another.
 *
 * <p>Its constructor takes what it needs, the {@code api} of other services among it, and registers
 * sagas and reconcilers with a {@code WorkNode} that does not run yet. Nothing runs before {@link
 * #start}.
 */
public interface Service extends AutoCloseable {

  ServiceProfile profile();

  /** What is served below its prefix. */
  ServiceApi api();

  /**
   * Puts in order what a crash left, and begins what runs in the background. Returns before the
   * first job goes on and before the first request is let in. What it needs of another service it
   * may use already: services start in the order of their dependencies.
   */
  default void start() throws Exception {}

  /** Ends what {@link #start} began; also after a start that failed, or never was. */
  @Override
  default void close() {}
}
