package cloud.lastmile.platform.work;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class JobsTest {

  /** What a saga of these tests carries: the names of the steps it went through. */
  private record Trail(List<String> steps) {
    Trail and(String step) {
      List<String> more = new ArrayList<>(steps);
      more.add(step);
      return new Trail(more);
    }
  }

  private static final Trail EMPTY = new Trail(List.of());
  private static final Duration SOON = Duration.ofMillis(5);

  private final List<WorkNode> nodes = new ArrayList<>();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private TestingDatabase testing;
  private Database database;

  @BeforeEach
  void open() {
    testing = TestingDatabase.create();
    database = testing.database();
    database.change(handle -> handle.execute("CREATE TABLE effect (name text NOT NULL)"));
  }

  @AfterEach
  void close() {
    nodes.forEach(WorkNode::close);
    testing.close();
  }

  private WorkNode start(String name, Saga<?>... sagas) {
    return start(database, name, sagas);
  }

  private WorkNode start(Database on, String name, Saga<?>... sagas) {
    WorkNode node = new WorkNode(on, name);
    for (Saga<?> saga : sagas) {
      node.jobs().register(saga);
    }
    node.start();
    nodes.add(node);
    return node;
  }

  private void submit(WorkNode node, Saga<Trail> saga, String key) {
    database.change(handle -> node.jobs().submit(handle, saga, key, EMPTY, "req-1", "project"));
  }

  private void awaitEnd() {
    Await.value(
        "no live jobs",
        () ->
            database.read(handle ->
                handle
                    .select("SELECT count(*) FROM work.job WHERE status = 'live'")
                    .mapTo(Integer.class)
                    .one()),
        count -> count == 0);
  }

  private List<String> effects() {
    return database.read(handle ->
        handle.select("SELECT name FROM effect ORDER BY name").mapTo(String.class).list());
  }

  private Trail see(String step, Trail state) {
    seen.add(step);
    return state.and(step);
  }

  @Test
  void stepsRunInOrderAndSeeTheStateBefore() {
    Saga<Trail> saga =
        Saga.named("make", Trail.class)
            .step("one", state -> see("one", state))
            .transaction(
                "two",
                (handle, state) -> {
                  handle.execute("INSERT INTO effect VALUES ('two')");
                  return state.and("two");
                })
            .step("three", state -> see(String.join("+", state.steps()), state));
    WorkNode node = start("a", saga);
    submit(node, saga, "key");
    awaitEnd();
    assertThat(seen).containsExactly("one", "one+two");
    assertThat(effects()).containsExactly("two");
  }

  @Test
  void aJobOfARolledBackTransactionNeverRuns() {
    Saga<Trail> saga = Saga.named("make", Trail.class).step("one", state -> see("one", state));
    WorkNode node = start("a", saga);
    try {
      database.change(handle -> {
        node.jobs().submit(handle, saga, "key", EMPTY, "req-1", null);
        throw new IllegalStateException();
      });
    } catch (IllegalStateException expected) {
      submit(node, saga, "other");
    }
    awaitEnd();
    assertThat(seen).containsExactly("one");
  }

  @Test
  void afterATerminalFailureTheDoneStepsAreUndoneInReverse() {
    Saga<Trail> saga =
        Saga.named("make", Trail.class)
            .step("one", state -> see("one", state), state -> seen.add("undo one"))
            .transaction(
                "two",
                (handle, state) -> {
                  handle.execute("INSERT INTO effect VALUES ('two')");
                  return state.and("two");
                },
                (handle, state) -> handle.execute("DELETE FROM effect WHERE name = 'two'"))
            .step("three", state -> see("three", state))
            .step(
                "four",
                state -> {
                  throw ApiException.conflict("no room");
                },
                state -> seen.add("undo four"))
            .onFailure((handle, state, error) ->
                handle.execute("INSERT INTO effect VALUES (?)", error + state.steps()));
    WorkNode node = start("a", saga);
    submit(node, saga, "key");
    awaitEnd();
    assertThat(seen).containsExactly("one", "three", "undo one");
    assertThat(effects()).containsExactly("no room[one, two, three]");
  }

  @Test
  void retryableFailuresAreTriedAgainAndThenUndone() {
    AtomicInteger succeeds = new AtomicInteger();
    AtomicInteger fails = new AtomicInteger();
    AtomicInteger undoFails = new AtomicInteger();
    Saga<Trail> saga =
        Saga.named("make", Trail.class)
            .attempts(3, SOON)
            .step(
                "succeeds at last",
                state -> {
                  if (succeeds.incrementAndGet() < 3) {
                    throw new IllegalStateException("not yet");
                  }
                  return state;
                },
                state -> {
                  if (undoFails.incrementAndGet() < 5) {
                    throw new IllegalStateException("not yet");
                  }
                })
            .step(
                "never succeeds",
                state -> {
                  fails.incrementAndGet();
                  throw StepException.retryable("never", null);
                })
            .onFailure((handle, state, error) -> seen.add(error));
    WorkNode node = start("a", saga);
    submit(node, saga, "key");
    awaitEnd();
    assertThat(succeeds).hasValue(3);
    assertThat(fails).hasValue(3);
    assertThat(undoFails).hasValue(5);
    assertThat(seen).containsExactly("never");
  }

  @Test
  void jobsOfOneKeyRunOneAfterTheOtherInOrder() {
    AtomicBoolean busy = new AtomicBoolean();
    Saga<Trail> saga =
        Saga.named("make", Trail.class)
            .step(
                "in",
                state -> {
                  assertThat(busy.compareAndSet(false, true)).isTrue();
                  return state;
                })
            .transaction(
                "out",
                (handle, state) -> {
                  seen.add(state.steps().getFirst());
                  busy.set(false);
                  return state;
                });
    WorkNode node = start("a", saga);
    WorkNode other = start("b", saga);
    for (int job = 0; job < 30; job++) {
      Trail named = EMPTY.and(Integer.toString(job));
      WorkNode submitter = job % 2 == 0 ? node : other;
      database.change(handle -> submitter.jobs().submit(handle, saga, "key", named, "req-1", null));
    }
    awaitEnd();
    assertThat(seen)
        .containsExactlyElementsOf(IntStream.range(0, 30).mapToObj(Integer::toString).toList());
  }

  @Test
  void aWaitingJobLooksWhenNudged() {
    AtomicBoolean up = new AtomicBoolean();
    CountDownLatch looked = new CountDownLatch(1);
    Saga<Trail> saga =
        Saga.named("make", Trail.class)
            .waitFor(
                "up",
                state -> {
                  looked.countDown();
                  return up.get() ? Optional.of(state.and("up")) : Optional.empty();
                },
                Duration.ofHours(1),
                Duration.ofHours(2))
            .step("last", state -> see(state.steps().getFirst(), state));
    WorkNode node = start("a", saga);
    submit(node, saga, "key");
    Await.until("it looked", () -> looked.getCount() == 0);
    up.set(true);
    node.jobs().nudge(List.of("key"));
    awaitEnd();
    assertThat(seen).containsExactly("up");
  }

  @Test
  void waitingInVainFails() {
    Saga<Trail> saga =
        Saga.named("make", Trail.class)
            .step("one", state -> see("one", state), state -> seen.add("undo one"))
            .waitFor("up", state -> Optional.empty(), SOON, Duration.ofMillis(30))
            .onFailure((handle, state, error) -> seen.add(error));
    WorkNode node = start("a", saga);
    submit(node, saga, "key");
    awaitEnd();
    assertThat(seen).containsExactly("one", "undo one", "Waited in vain for up");
  }

  @Test
  void aKilledProcessLosesNothingAtWhateverStep() {
    for (int crash = 0; crash < 8; crash++) {
      seen.clear();
      database.change(handle -> handle.execute("DELETE FROM effect"));
      runWithCrash(crash);
      assertThat(effects()).as("crash %s", crash).containsExactly("one", "two");
      assertThat(seen).as("crash %s", crash).contains("before", "middle", "after");
    }
  }

  /** Kills the node at the crash-th step boundary; a successor of the same name goes on. */
  private void runWithCrash(int crash) {
    AtomicInteger boundary = new AtomicInteger();
    WorkNode[] first = new WorkNode[1];
    Runnable maybeCrash =
        () -> {
          if (boundary.getAndIncrement() == crash) {
            first[0].kill();
          }
        };
    Saga<Trail> saga =
        Saga.named("make-" + crash, Trail.class)
            .step("before", state -> crashing(maybeCrash, "before", state))
            .transaction("one", (handle, state) -> insert(handle, maybeCrash, "one", state))
            .step("middle", state -> crashing(maybeCrash, "middle", state))
            .transaction("two", (handle, state) -> insert(handle, maybeCrash, "two", state))
            .step("after", state -> crashing(maybeCrash, "after", state));
    first[0] = start("node", saga);
    submit(first[0], saga, "key");
    Await.until(
        "crashed or finished",
        () ->
            boundary.get() > crash
                || database.read(handle -> first[0].jobs().live(handle, "key")) == 0);
    first[0].kill();
    WorkNode successor = start("node", saga);
    awaitEnd();
    successor.close();
    nodes.clear();
  }

  private Trail crashing(Runnable maybeCrash, String step, Trail state) {
    maybeCrash.run();
    Trail next = see(step, state);
    maybeCrash.run();
    return next;
  }

  private static Trail insert(
      org.jdbi.v3.core.Handle handle, Runnable maybeCrash, String step, Trail state) {
    handle.execute("INSERT INTO effect VALUES (?)", step);
    maybeCrash.run();
    return state.and(step);
  }

  @Test
  void twoNodesShareAThousandJobs() {
    ConcurrentHashMap<String, Integer> runs = new ConcurrentHashMap<>();
    Saga<Trail> saga =
        Saga.named("make", Trail.class)
            .step(
                "count",
                state -> {
                  runs.merge(state.steps().getFirst(), 1, Integer::sum);
                  return state;
                })
            .transaction("nothing", (handle, state) -> state);
    try (Database another = Database.connect(testing.url())) {
      WorkNode node = start("a", saga);
      WorkNode other = start(another, "b", saga);
      for (int batch = 0; batch < 10; batch++) {
        int from = batch * 100;
        database.change(handle -> {
          for (int job = from; job < from + 100; job++) {
            String name = "job-" + job;
            node.jobs().submit(handle, saga, name, EMPTY.and(name), "req-1", null);
          }
        });
      }
      awaitEnd();
      other.close();
      nodes.remove(other);
    }
    assertThat(runs).hasSize(1_000).allSatisfy((key, count) -> assertThat(count).isEqualTo(1));
  }

  @Test
  void oneProjectsJobsLeaveRoomForAnothers() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger running = new AtomicInteger();
    Saga<Trail> slow =
        Saga.named("slow", Trail.class)
            .step(
                "hold",
                trail -> {
                  running.incrementAndGet();
                  end.await();
                  seen.add("held");
                  return trail;
                });
    WorkNode node = new WorkNode(database, "shares");
    node.jobs().register(slow, 4, 2);
    node.start();
    nodes.add(node);
    for (int job = 0; job < 9; job++) {
      String key = "greedy-" + job;
      database.change(handle -> node.jobs().submit(handle, slow, key, EMPTY, "req-1", "greedy"));
    }
    Await.until("its share runs", () -> running.get() == 2);
    for (String project : List.of("modest", "patient")) {
      database.change(handle -> node.jobs().submit(handle, slow, project, EMPTY, "req-1", project));
    }
    Await.until("the others' run beside it", () -> running.get() == 4);
    assertThat(seen).isEmpty();
    end.countDown();
    Await.until("all have run", () -> seen.size() == 11);
  }
}
