package cloud.lastmile.platform.work;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EventsTest {

  private final List<Event> received = new CopyOnWriteArrayList<>();
  private final List<WorkNode> nodes = new ArrayList<>();
  private TestingDatabase testing;
  private Database database;

  @BeforeEach
  void open() {
    testing = TestingDatabase.create();
    database = testing.database();
  }

  @AfterEach
  void close() {
    nodes.forEach(WorkNode::close);
    testing.close();
  }

  private WorkNode start(String name, Events.Subscriber subscriber) {
    WorkNode node = new WorkNode(database, name);
    node.events().subscribe("test", subscriber);
    node.start();
    nodes.add(node);
    return node;
  }

  private static void append(WorkNode node, Handle handle, String resource, int number) {
    node.events()
        .append(
            handle,
            Event.of(
                "thing.update",
                "project",
                "thing",
                resource,
                "req-1",
                Json.object().put("number", number)));
  }

  private List<Integer> numbers(String resource) {
    return received.stream()
        .filter(event -> event.resourceId().equals(resource))
        .map(event -> event.payload().get("number").asInt())
        .toList();
  }

  @Test
  void concurrentChangesArriveCompleteAndInOrderPerResource() throws Exception {
    database.change(handle ->
        handle.execute(
            """
            CREATE TABLE thing (id text PRIMARY KEY, number int NOT NULL);
            INSERT INTO thing VALUES ('a', 0), ('b', 0), ('c', 0)\
            """));
    WorkNode node = start("one", received::add);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> clients = new ArrayList<>();
      for (int client = 0; client < 12; client++) {
        String resource = List.of("a", "b", "c").get(client % 3);
        clients.add(threads.submit(() -> change(node, resource)));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
    Await.until("all events", () -> received.size() >= 2 * 12 * 20);
    for (String resource : List.of("a", "b", "c")) {
      assertThat(numbers(resource))
          .containsExactlyElementsOf(IntStream.rangeClosed(1, 80).boxed().toList());
    }
  }

  private void change(WorkNode node, String resource) {
    for (int count = 0; count < 20; count++) {
      database.change(handle -> {
        // A write before the resource's lock takes the transaction number early.
        append(node, handle, "noise", 0);
        int number =
            handle
                .createQuery("UPDATE thing SET number = number + 1 WHERE id = :id RETURNING number")
                .bind("id", resource)
                .mapTo(Integer.class)
                .one();
        append(node, handle, resource, number);
      });
    }
  }

  @Test
  void aFailingSubscriberIsCalledAgain() {
    AtomicBoolean failed = new AtomicBoolean();
    WorkNode node =
        start(
            "one",
            event -> {
              if (failed.compareAndSet(false, true)) {
                throw new IllegalStateException("not now");
              }
              received.add(event);
            });
    database.change(handle -> append(node, handle, "a", 1));
    Await.until("delivered", () -> !received.isEmpty());
    assertThat(numbers("a")).containsExactly(1);
  }

  /** In order, when it is taken at last; and nobody else's twice. */
  @Test
  void aRefusedEventHoldsUpItsResourceOnly() {
    AtomicBoolean refuses = new AtomicBoolean(true);
    WorkNode node =
        start(
            "one",
            event -> {
              if (refuses.get() && event.resourceId().equals("a")) {
                throw new IllegalStateException("never");
              }
              received.add(event);
            });
    for (int i = 1; i <= 3; i++) {
      int number = i;
      database.change(handle -> append(node, handle, "a", number));
      database.change(handle -> append(node, handle, "b", number));
    }
    Await.until("the other is told", () -> numbers("b").size() == 3);
    database.change(handle -> append(node, handle, "b", 4));
    Await.until("the other is told on", () -> numbers("b").contains(4));
    assertThat(numbers("a")).isEmpty();

    refuses.set(false);
    Await.until("all are told", () -> numbers("a").size() == 3);
    assertThat(numbers("a")).containsExactly(1, 2, 3);
    assertThat(numbers("b")).containsExactly(1, 2, 3, 4);
  }

  @Test
  void aSuccessorGoesOnWhereAKilledProcessWas() {
    WorkNode first = start("one", received::add);
    database.change(handle -> append(first, handle, "a", 1));
    Await.until("delivered", () -> received.size() == 1);
    nodes.remove(first);
    first.kill();
    database.change(handle -> append(first, handle, "a", 2));
    start("one", received::add);
    Await.until("delivered", () -> numbers("a").contains(2));
    assertThat(numbers("a").stream().distinct()).containsExactly(1, 2);
  }

  @Test
  void rolledBackEventsNeverHappened() {
    WorkNode node = start("one", received::add);
    try {
      database.change(handle -> {
        append(node, handle, "a", 1);
        throw new IllegalStateException();
      });
    } catch (IllegalStateException expected) {
      database.change(handle -> append(node, handle, "a", 2));
    }
    Await.until("delivered", () -> !received.isEmpty());
    assertThat(numbers("a")).containsExactly(2);
  }

  @Test
  void trimmingCatchesUpHoweverManyAreOld() {
    WorkNode node = new WorkNode(database, "trims");
    int old = 3 * Events.TRIMMED_AT_ONCE + 1;
    database.change(handle ->
        handle.execute(
            """
            INSERT INTO work.event (type, resource_type, resource_id, request_id, payload, created_at)
            SELECT 'thing.update', 'thing', n::text, 'req', '{}',
              now() - interval '8 days' * (n <= ?)::int
            FROM generate_series(1, ? + 10) AS n\
            """,
            old,
            old));
    node.events().trim();
    long left =
        database.read(handle ->
            handle.createQuery("SELECT count(*) FROM work.event").mapTo(Long.class).one());
    assertThat(left).isEqualTo(10);
  }
}
