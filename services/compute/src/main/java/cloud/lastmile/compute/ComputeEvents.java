package cloud.lastmile.compute;

import org.jdbi.v3.core.Handle;

/** Tells the rest of the cloud of changes to servers, in the transaction that makes them. */
@FunctionalInterface
interface ComputeEvents {

  /**
   * @param what {@code create}, {@code active}, {@code update}, {@code delete}, {@code error}
   */
  void append(Handle handle, String what, Server server, String requestId);
}
