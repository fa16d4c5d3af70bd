package cloud.lastmile.image.imports;

import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.task.TaskStore;
import cloud.lastmile.platform.database.Database;
import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * Writes into an import's task how many bytes have come, not too often, and ends an import whose
 * image is gone. Used by one thread.
 */
final class TaskProgress implements LongConsumer {
  private static final long PAUSE = Duration.ofSeconds(1).toNanos();

  private final Database database;
  private final TaskStore tasks;
  private final ImageStore images;
  private final ImportState state;
  private long last = System.nanoTime();

  TaskProgress(Database database, TaskStore tasks, ImageStore images, ImportState state) {
    this.database = database;
    this.tasks = tasks;
    this.images = images;
    this.state = state;
  }

  @Override
  public void accept(long copied) {
    long now = System.nanoTime();
    if (now - last > PAUSE) {
      last = now;
      database.change(handle -> {
        if (images.find(handle, state.image()).isEmpty()) {
          throw ImageImport.deleted(state);
        }
        tasks.progress(handle, state.task(), copied);
      });
    }
  }
}
