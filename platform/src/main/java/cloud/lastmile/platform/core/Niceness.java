package cloud.lastmile.platform.core;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a thread stands back for the processor. Java's thread priorities do nothing on Linux
 * unless the whole JVM is started for them, and then too little.
 */
public final class Niceness {
  private static final Logger LOG = LoggerFactory.getLogger(Niceness.class);

  private Niceness() {}

  /**
   * Lets other threads go before the calling one, a platform thread, for good. Where that cannot be
   * done, the thread stays as it is.
   *
   * @param more as in {@code nice(2)}: at 10 more a thread gets a tenth of a processor that another
   *     one wants too
   */
  @SuppressWarnings("restricted")
  public static void raise(int more) {
    Linker linker = Linker.nativeLinker();
    try {
      // On Linux this is about one thread, whatever POSIX says.
      MethodHandle nice =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("nice"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      int now = (int) nice.invokeExact(more);
      LOG.debug("Thread {} has niceness {} now", Thread.currentThread().getName(), now);
    } catch (Throwable unavailable) {
      LOG.warn("Threads cannot be made nice here", unavailable);
    }
  }
}
