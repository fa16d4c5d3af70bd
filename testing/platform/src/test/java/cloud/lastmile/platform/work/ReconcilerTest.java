package cloud.lastmile.platform.work;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The outside state of these tests is a map; reconciling copies a table's rows into it. */
final class ReconcilerTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Map<String, Integer> outside = new ConcurrentHashMap<>();
  private final List<Set<String>> batches = new CopyOnWriteArrayList<>();
  private final List<WorkNode> nodes = new ArrayList<>();
  private TestingDatabase testing;
  private Database database;

  @BeforeEach
  void open() {
    testing = TestingDatabase.create();
    database = testing.database();
    database.change(
        handle -> handle.execute("CREATE TABLE thing (key text PRIMARY KEY, value int NOT NULL)"));
  }

  @AfterEach
  void close() {
    nodes.forEach(WorkNode::close);
    testing.close();
  }

  private void copy(Set<String> keys) {
    batches.add(keys);
    Map<String, Integer> present =
        database.read(handle ->
            handle
                .createQuery("SELECT key, value FROM thing WHERE key = ANY (:keys)")
                .bind("keys", keys.toArray(String[]::new))
                .map((row, context) -> Map.entry(row.getString(1), row.getInt(2)))
                .stream()
                .collect(
                    java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    keys.forEach(key -> outside.compute(key, (same, old) -> present.get(key)));
  }

  private Reconciler start(String name, Reconciler.Reconcile reconcile) {
    WorkNode node = new WorkNode(database, name);
    Reconciler reconciler = node.reconciler("thing", reconcile);
    node.start();
    nodes.add(node);
    return reconciler;
  }

  private Reconciler.Mark set(Reconciler reconciler, String key, int value) {
    return database.transact(handle -> {
      handle.execute(
          """
          INSERT INTO thing VALUES (?, ?)
          ON CONFLICT (key) DO UPDATE SET value = excluded.value\
          """,
          key,
          value);
      return reconciler.mark(handle, key);
    });
  }

  private int marks() {
    return database.read(
        handle -> handle.select("SELECT count(*) FROM work.dirty").mapTo(Integer.class).one());
  }

  @Test
  void afterAwaitTheOutsideIsWhatWasCommitted() throws Exception {
    Reconciler reconciler = start("a", this::copy);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> clients = new ArrayList<>();
      for (int client = 0; client < 8; client++) {
        String key = "key-" + client;
        clients.add(
            threads.submit(() -> {
              for (int value = 0; value < 40; value++) {
                assertThat(reconciler.await(set(reconciler, key, value), LIMIT)).isTrue();
                assertThat(outside).containsEntry(key, value);
              }
            }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
    Await.until("all marks are removed", () -> marks() == 0);
  }

  @Test
  void whatIsDueTogetherIsReconciledTogether() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Reconciler reconciler =
        start(
            "a",
            keys -> {
              begun.countDown();
              go.await();
              copy(keys);
            });
    set(reconciler, "first", 1);
    begun.await();
    List<Reconciler.Mark> marks = new ArrayList<>();
    for (int index = 0; index < 50; index++) {
      marks.add(set(reconciler, "key-" + index % 25, index));
    }
    go.countDown();
    marks.forEach(mark -> assertThat(reconciler.await(mark, LIMIT)).isTrue());
    // A mark that is not yet removed may be taken up again, so there can be more batches.
    Set<String> all = IntStream.range(0, 25).mapToObj("key-%d"::formatted).collect(toSet());
    assertThat(batches).anySatisfy(batch -> assertThat(batch).containsAll(all));
  }

  @Test
  void aBadKeyDoesNotKeepTheOthers() {
    AtomicBoolean healed = new AtomicBoolean();
    Reconciler reconciler =
        start(
            "a",
            keys -> {
              if (keys.contains("bad") && !healed.get()) {
                throw new IllegalStateException("bad");
              }
              copy(keys);
            });
    Reconciler.Mark mark =
        database.transact(handle -> {
          handle.execute("INSERT INTO thing VALUES ('good', 1), ('bad', 2), ('fine', 3)");
          return reconciler.mark(handle, List.of("good", "bad", "fine"));
        });
    Await.until("the good are there", () -> outside.keySet().containsAll(Set.of("good", "fine")));
    assertThat(reconciler.await(mark, LIMIT)).isFalse();
    healed.set(true);
    Await.until("the bad one too", () -> outside.containsKey("bad") && marks() == 0);
  }

  @Test
  void marksOfAKilledProcessAreReconciledByItsSuccessor() {
    Reconciler reconciler =
        start(
            "a",
            keys -> {
              throw new IllegalStateException("away");
            });
    set(reconciler, "key", 7);
    nodes.removeFirst().kill();
    start("a", this::copy);
    Await.until("reconciled", () -> Integer.valueOf(7).equals(outside.get("key")));
    Await.until("the mark is removed", () -> marks() == 0);
  }

  @Test
  void aMarkOnAnotherNodesKeyIsAwaitedToo() {
    CountDownLatch go = new CountDownLatch(1);
    Reconciler one =
        start(
            "a",
            keys -> {
              go.await();
              copy(keys);
            });
    Reconciler other = start("b", this::copy);
    set(one, "key", 1);
    Reconciler.Mark mark = set(other, "key", 2);
    go.countDown();
    assertThat(other.await(mark, LIMIT)).isTrue();
    assertThat(outside).containsEntry("key", 2);
  }

  @Test
  void rolledBackMarksAreNone() {
    Reconciler reconciler = start("a", this::copy);
    try {
      database.change(handle -> {
        reconciler.mark(handle, "never");
        throw new IllegalStateException();
      });
    } catch (IllegalStateException expected) {
      assertThat(reconciler.await(set(reconciler, "key", 1), LIMIT)).isTrue();
    }
    // A key whose mark is not yet removed may be taken up again; what was rolled back never is.
    assertThat(batches).isNotEmpty().containsOnly(Set.of("key"));
  }
}
