package cloud.lastmile.image.task;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Listener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Wakes those who watch tasks, whichever node works on them. */
public final class TaskWatch implements AutoCloseable {
  /** Tells a client's proxy that the connection lives, and us whether the client does. */
  private static final long HEARTBEAT_SECONDS = 15;

  private final Database database;
  private final TaskStore tasks;
  private final Set<Semaphore> watchers = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Listener listener;
  private volatile boolean isClosed;

  public TaskWatch(Database database, TaskStore tasks) {
    this.database = database;
    this.tasks = tasks;
  }

  public void start() {
    listener = Listener.start(database, TaskStore.CHANNEL, _ -> wake(), this::wake);
  }

  /** How many watch now. */
  int watchers() {
    return watchers.size();
  }

  private void wake() {
    watchers.forEach(Semaphore::release);
  }

  /** Writes an event for each state of each of the image's tasks until all have ended. */
  public void stream(UUID image, OutputStream output) throws IOException {
    Semaphore changed = new Semaphore(0);
    watchers.add(changed);
    try {
      Map<UUID, TaskStore.Task> sent = new HashMap<>();
      List<TaskStore.Task> present = database.read(handle -> tasks.ofImage(handle, image));
      while (true) {
        List<TaskStore.Task> fresh = new ArrayList<>(present);
        fresh.removeIf(task -> task.equals(sent.put(task.id(), task)));
        for (TaskStore.Task task : fresh) {
          write(output, "event: task\ndata: " + TaskJson.whole(task) + "\n\n");
        }
        if (isClosed || present.stream().allMatch(TaskStore.Task::hasEnded)) {
          return;
        }
        if (!changed.tryAcquire(HEARTBEAT_SECONDS, TimeUnit.SECONDS)) {
          write(output, ":\n\n");
        }
        changed.drainPermits();
        present = database.read(handle -> tasks.ofImage(handle, image));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } finally {
      watchers.remove(changed);
    }
  }

  private static void write(OutputStream output, String text) throws IOException {
    output.write(text.getBytes(StandardCharsets.UTF_8));
    output.flush();
  }

  @Override
  public void close() {
    isClosed = true;
    wake();
    Listener open = listener;
    if (open != null) {
      open.close();
    }
  }
}
