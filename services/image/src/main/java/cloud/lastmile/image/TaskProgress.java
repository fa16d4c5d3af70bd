package cloud.lastmile.image;

import cloud.lastmile.platform.database.Database;
import java.time.Duration;
import java.util.UUID;
import java.util.function.LongConsumer;

/** Writes into a task how many bytes have come, not too often. Used by one thread. */
final class TaskProgress implements LongConsumer {
  private static final long PAUSE = Duration.ofSeconds(1).toNanos();

  private final Database database;
  private final TaskStore tasks;
  private final UUID task;
  private long last = System.nanoTime();

  TaskProgress(Database database, TaskStore tasks, UUID task) {
    this.database = database;
    this.tasks = tasks;
    this.task = task;
  }

  @Override
  public void accept(long copied) {
    long now = System.nanoTime();
    if (now - last > PAUSE) {
      last = now;
      database.change(handle -> tasks.progress(handle, task, copied));
    }
  }
}
