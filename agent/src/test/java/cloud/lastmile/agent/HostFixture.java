package cloud.lastmile.agent;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import java.util.UUID;

/** What a test needs of a driver beyond the host itself. */
public interface HostFixture extends AutoCloseable {

  /** A new host object on the state that the one before left; the same test's always. */
  Host open() throws Exception;

  /** An image that boots and then waits; asked for again, it is a different one. */
  DiskImage image() throws Exception;

  /** An image whose guest powers itself off as soon as it has booted. */
  DiskImage imageThatPowersOff() throws Exception;

  /** What the console shows, once, whenever a guest made from this image has started. */
  String bootMarker(DiskImage image);

  /** Kills the guest's process, from outside; {@code host} may be closed. */
  void crash(UUID guest) throws Exception;

  /** Fails if the host's state holds anything at all of the guest. */
  void assertNoTraceOf(UUID guest) throws Exception;

  /** Fails if anything of any guest is left, after all were removed. */
  void assertNothingLeft() throws Exception;

  /** Removes what the fixture itself made. */
  @Override
  default void close() throws Exception {}
}
