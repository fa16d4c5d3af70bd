package cloud.lastmile.platform.work;

import cloud.lastmile.platform.database.Database;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One subscriber's way through the outbox. */
final class Subscription {

  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);
  private static final int MOST = 1_000;

  /** So many are delivered beyond an event that is refused, until all wait for it. */
  private static final int MOST_HELD = 10_000;

  private static final Duration FALLBACK = Duration.ofSeconds(5);
  private static final Duration UNSETTLED = Duration.ofMillis(20);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  /**
   * Transactions from {@code from} are undelivered, those before {@code to} have all ended; {@code
   * moreLater} if there are events beyond.
   */
  private record Window(long from, long to, boolean moreLater) {}

  private record Row(long transaction, Event event) {
    String resource() {
      return event.resourceType() + "/" + event.resourceId();
    }
  }

  private final Database database;
  private final Node node;
  private final Wakeups wakeups;
  private final String name;
  private final Events.Subscriber subscriber;
  private final EachAlone each;

  /** Delivered, but after one that is held. */
  private final Set<Long> handed = new HashSet<>();

  private final Semaphore signal = new Semaphore(0);
  private volatile boolean running;

  Subscription(
      Database database, Node node, Wakeups wakeups, String name, Events.Subscriber subscriber) {
    this.database = database;
    this.node = node;
    this.wakeups = wakeups;
    this.name = name;
    this.subscriber = subscriber;
    this.each = new EachAlone("events-" + name);
  }

  void wake() {
    signal.release();
  }

  void start() {
    database.change(handle ->
        handle.execute(
            """
            INSERT INTO work.subscriber (name, horizon)
            VALUES (?, pg_snapshot_xmin(pg_current_snapshot()))
            ON CONFLICT (name) DO NOTHING\
            """,
            name));
    running = true;
    Thread.ofVirtual().name("events-" + name).start(this::loop);
  }

  private void loop() {
    while (running) {
      try {
        deliver();
        if (signal.tryAcquire(FALLBACK.toMillis(), TimeUnit.MILLISECONDS)) {
          signal.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      } catch (Exception e) {
        LOG.warn("The subscriber {} failed; it is called again", name, e);
        pause();
      }
    }
  }

  private void deliver() throws Exception {
    Optional<Window> window = database.read(this::lease);
    if (window.isEmpty()) {
      return; // another node serves this subscriber
    }
    List<Row> rows = database.read(handle -> read(handle, window.get()));
    long to = orderly(rows, window.get().to());
    boolean any = false;
    // A resource whose event is refused waits with all that follows; the others go on.
    Set<String> held = new HashSet<>();
    long refused = to;
    for (Row row : rows) {
      if (!running) {
        return;
      }
      if (row.transaction() < to && !handed.contains(row.event().id())) {
        boolean done =
            !held.contains(row.resource())
                && each.run(row.resource(), () -> subscriber.on(row.event()));
        if (done) {
          handed.add(row.event().id());
        } else {
          held.add(row.resource());
          refused = Math.min(refused, row.transaction());
        }
      }
      any |= row.transaction() < to;
    }
    long reached = refused;
    if (any) {
      database.read(handle -> advance(handle, reached));
      rows.stream()
          .filter(row -> row.transaction() < reached)
          .forEach(row -> handed.remove(row.event().id()));
    }
    if (!held.isEmpty()) {
      wakeups.later(handed.size() < MOST ? AFTER_FAILURE : FALLBACK, signal::release);
    } else if (window.get().moreLater() || to < window.get().to()) {
      wakeups.later(UNSETTLED, signal::release);
    }
  }

  /**
   * The bound up to which delivery keeps the order of each resource. A transaction may have got its
   * number early and its resource's lock late: its event must wait for that of the later number.
   */
  private static long orderly(List<Row> rows, long bound) {
    long to = bound;
    while (true) {
      Set<String> waiting = new HashSet<>();
      long lowest = to;
      for (Row row : rows) {
        if (row.transaction() >= to) {
          waiting.add(row.resource());
        } else if (waiting.contains(row.resource())) {
          lowest = Math.min(lowest, row.transaction());
        }
      }
      if (lowest == to) {
        return to;
      }
      to = lowest;
    }
  }

  private Optional<Window> lease(Handle handle) {
    return handle
        .createQuery(
            """
            UPDATE work.subscriber SET lease_owner = :owner,
              lease_until = now() + make_interval(secs => :seconds)
            WHERE name = :name AND (lease_owner IS NULL OR lease_until < now()
              OR starts_with(lease_owner, :boots))
            RETURNING horizon::text AS horizon,
              pg_snapshot_xmin(pg_current_snapshot())::text AS settled,
              (SELECT transaction FROM (
                  SELECT transaction FROM work.event WHERE transaction >= horizon
                  ORDER BY transaction LIMIT :most) AS first
                ORDER BY transaction DESC LIMIT 1)::text AS last\
            """)
        .bind("owner", node.owner())
        .bind("boots", node.allBoots())
        .bind("seconds", JobStore.LEASE.toSeconds())
        .bind("name", name)
        .bind("most", MOST + Math.min(handed.size(), MOST_HELD))
        .map((row, context) ->
            window(row.getLong("horizon"), row.getLong("settled"), row.getLong("last")))
        .findOne();
  }

  /**
   * @param last the transaction of the last event that one delivery takes; 0 if there is none
   */
  private static Window window(long from, long settled, long last) {
    long to = last == 0 ? settled : Math.min(settled, last + 1);
    return new Window(from, to, last >= to || to < settled);
  }

  /** The window's events by id, and those later ones that one of them may have to wait for. */
  private static List<Row> read(Handle handle, Window window) {
    return handle
        .createQuery(
            """
            SELECT * FROM work.event
            WHERE transaction >= CAST(:from AS xid8)
              AND id <= (SELECT max(id) FROM work.event
                WHERE transaction >= CAST(:from AS xid8) AND transaction < CAST(:to AS xid8))
            ORDER BY id\
            """)
        .bind("from", Long.toString(window.from()))
        .bind("to", Long.toString(window.to()))
        .map((row, context) -> new Row(row.getLong("transaction"), Event.of(row)))
        .list();
  }

  private int advance(Handle handle, long to) {
    return handle.execute(
        """
        UPDATE work.subscriber SET horizon = CAST(? AS xid8)
        WHERE name = ? AND lease_owner = ?\
        """,
        Long.toString(to),
        name,
        node.owner());
  }

  private static void pause() {
    try {
      Thread.sleep(AFTER_FAILURE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void kill() {
    running = false;
    signal.release();
  }

  void stop() {
    kill();
    database.change(handle ->
        handle.execute(
            "UPDATE work.subscriber SET lease_owner = NULL WHERE name = ? AND lease_owner = ?",
            name,
            node.owner()));
  }
}
