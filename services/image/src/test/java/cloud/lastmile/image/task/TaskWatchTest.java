package cloud.lastmile.image.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Those who watch a task while it goes on. */
class TaskWatchTest {
  private TaskStore tasks;
  private final UUID image = UUID.randomUUID();
  private final UUID task = UUID.randomUUID();
  private TestingDatabase testing;
  private Database database;
  private TaskWatch watch;

  @BeforeEach
  void start() {
    testing = TestingDatabase.create("image");
    database = testing.database();
    tasks = new TaskStore(database);
    watch = new TaskWatch(database, tasks);
    watch.start();
    database.change(handle ->
        tasks.insert(
            handle,
            new TaskStore.NewTask(
                task,
                Optional.of(image),
                "p1",
                "alice",
                "req-1",
                TaskStore.IMAGE_IMPORT,
                Json.object())));
  }

  @AfterEach
  void stop() {
    watch.close();
    testing.close();
  }

  /** What a client has received. */
  private static String text(ByteArrayOutputStream received) {
    return received.toString(StandardCharsets.UTF_8);
  }

  private static void awaitAll(List<ByteArrayOutputStream> clients, String text) {
    Await.until(text, () -> clients.stream().allMatch(client -> text(client).contains(text)));
  }

  @Test
  void allAreToldOfEachChangeUntilTheEnd() throws Exception {
    List<ByteArrayOutputStream> clients =
        Stream.generate(ByteArrayOutputStream::new).limit(50).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> streams =
          clients.stream()
              .map(client ->
                  threads.submit(() -> {
                    watch.stream(image, client);
                    return true;
                  }))
              .toList();
      awaitAll(clients, "\"status\":\"pending\"");
      database.change(handle -> tasks.begin(handle, task));
      awaitAll(clients, "\"status\":\"processing\"");
      database.change(handle -> tasks.progress(handle, task, 5 << 20));
      awaitAll(clients, "Copied 5 MiB");
      database.change(handle -> tasks.end(handle, task, true, "", null));
      for (Future<Boolean> stream : streams) {
        assertThat(stream.get()).isTrue();
      }
    }
    assertThat(clients)
        .allSatisfy(client ->
            assertThat(text(client))
                .endsWith("\n\n")
                .containsPattern("\"status\":\"success\"[^\n]*\n\n$"));
    assertThat(watch.watchers()).isZero();
  }

  @Test
  void whoHasGoneIsForgotten() throws Exception {
    AtomicBoolean wasTold = new AtomicBoolean();
    OutputStream gone =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            throw new IOException("no single bytes are written");
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            if (wasTold.getAndSet(true)) {
              throw new IOException("the client has gone");
            }
          }
        };
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> stream =
          threads.submit(() -> {
            assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> watch.stream(image, gone))
                .withMessage("the client has gone");
            return true;
          });
      Await.until("the first event", wasTold::get);
      assertThat(watch.watchers()).isEqualTo(1);
      database.change(handle -> tasks.begin(handle, task));
      assertThat(stream.get()).isTrue();
    }
    assertThat(watch.watchers()).isZero();
  }

  @Test
  void theEndOfTheServiceEndsTheStreams() throws Exception {
    ByteArrayOutputStream client = new ByteArrayOutputStream();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> stream =
          threads.submit(() -> {
            watch.stream(image, client);
            return true;
          });
      awaitAll(List.of(client), "\"status\":\"pending\"");
      watch.close();
      assertThat(stream.get()).isTrue();
    }
  }
}
