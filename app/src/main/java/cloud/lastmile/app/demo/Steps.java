package cloud.lastmile.app.demo;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;

/** Shows each step as it happens, with its time. */
public final class Steps {
  private static final int WIDTH = 46;

  private final PrintStream out;

  public Steps(PrintStream out) {
    this.out = out;
  }

  /** Runs the step; its failure is shown and thrown on. */
  public <T> T run(String what, Callable<T> step) throws Exception {
    out.print("  " + what + " " + ".".repeat(Math.max(3, WIDTH - what.length())) + " ");
    out.flush();
    long start = System.nanoTime();
    try {
      T result = step.call();
      out.printf(Locale.ROOT, "%6.1f s%n", (System.nanoTime() - start) / 1e9);
      return result;
    } catch (Exception failure) {
      out.println("failed");
      throw failure;
    }
  }
}
