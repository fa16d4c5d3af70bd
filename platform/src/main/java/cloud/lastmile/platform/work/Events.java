package cloud.lastmile.platform.work;

import static cloud.lastmile.platform.database.ListColumn.integer;
import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Sql;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The outbox: an event is appended in the transaction of the change that it tells of, and each
 * subscriber is called with it after the commit, at least once and in order per resource, on one
 * node at a time. An event is delivered when all transactions that began before its own have ended,
 * for only then is its place in the order certain.
 */
public final class Events {

  static final String TOPIC = "events";
  private static final Duration KEPT = Duration.ofDays(7);
  static final int TRIMMED_AT_ONCE = 2_000;
  private static final Duration TRIM_PAUSE = Duration.ofMillis(20);

  /** Runs without a transaction; an exception makes it be called again with the same event. */
  @FunctionalInterface
  public interface Subscriber {
    void on(Event event) throws Exception;
  }

  private static final ListQuery<Event> LIST =
      ListQuery.of("work.event e", "e.*", (row, _) -> Event.of(row))
          .column(integer("id", "e.id"))
          .column(text("type", "e.type"))
          .column(text("project_id", "e.project_id").orNull())
          .column(text("resource_type", "e.resource_type"))
          .column(text("resource_id", "e.resource_id"))
          .column(text("request_id", "e.request_id"))
          .column(text("initiator", "e.payload -> 'initiator' ->> 'user_id'").orNull())
          .column(text("outcome", "e.payload ->> 'outcome'").orNull())
          .sortedBy("id", false);

  private static final Sql APPEND =
      Sql.of(
          """
          INSERT INTO work.event
            (type, project_id, resource_type, resource_id, request_id, payload)
          SELECT type, project, resource_type, resource, request, CAST(payload AS jsonb)
          FROM unnest(:types, :projects, :resource_types, :resources, :requests, :payloads)
            WITH ORDINALITY
            AS event (type, project, resource_type, resource, request, payload, place)
          ORDER BY place\
          """);

  private final Database database;
  private final Node node;
  private final Wakeups wakeups;
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private volatile boolean trimming = true;

  Events(Database database, Node node, Wakeups wakeups) {
    this.database = database;
    this.node = node;
    this.wakeups = wakeups;
    wakeups.on(TOPIC, this::wake);
  }

  /** The event happens if and when the transaction commits. */
  public void append(Handle handle, Event event) {
    append(handle, List.of(event));
  }

  /** As {@link #append(Handle, Event)}, all with one statement and in this order. */
  public void append(Handle handle, List<Event> events) {
    if (events.isEmpty()) {
      return;
    }
    APPEND
        .on(handle)
        .bind("types", texts(events, Event::type))
        .bind("projects", texts(events, Event::projectId))
        .bind("resource_types", texts(events, Event::resourceType))
        .bind("resources", texts(events, Event::resourceId))
        .bind("requests", texts(events, Event::requestId))
        .bind("payloads", texts(events, event -> Json.mapper().writeValueAsString(event.payload())))
        .execute();
    handle.afterCommit(() -> {
      wake();
      wakeups.tell(TOPIC);
    });
  }

  private static @Nullable String[] texts(
      List<Event> events, Function<Event, @Nullable String> text) {
    return events.stream().map(text).toArray(String[]::new);
  }

  /** Those still kept, newest first; whoever may see them all. */
  public static ListPage<Event> list(
      Handle handle, Map<String, List<String>> query, ListDialect dialect) {
    return LIST.asked(query, dialect).run(handle);
  }

  /**
   * From now on, once and for all nodes; to be called before the node starts.
   *
   * @param name under which the place in the stream is kept
   */
  public void subscribe(String name, Subscriber subscriber) {
    subscriptions.add(new Subscription(database, node, wakeups, name, subscriber));
  }

  private void wake() {
    subscriptions.forEach(Subscription::wake);
  }

  void start() {
    subscriptions.forEach(Subscription::start);
  }

  /**
   * Removes those that were kept for long enough, until none are left: a cloud that makes them
   * faster than one statement can remove them does not fall behind for good. Each statement looks
   * at the oldest ones only, whatever their number.
   */
  void trim() {
    while (trimming && trimSome() == TRIMMED_AT_ONCE) {
      // Others want the disk as well.
      LockSupport.parkNanos(TRIM_PAUSE.toNanos());
    }
  }

  private int trimSome() {
    return database.transact(handle ->
        handle.execute(
            """
            DELETE FROM work.event WHERE id IN (
              SELECT id FROM (
                  SELECT id, created_at, transaction FROM work.event ORDER BY id LIMIT ?) AS oldest
              WHERE created_at < now() - make_interval(secs => ?)
                AND transaction < coalesce(
                  (SELECT horizon FROM work.subscriber ORDER BY horizon LIMIT 1),
                  pg_current_xact_id()))\
            """,
            TRIMMED_AT_ONCE,
            KEPT.toSeconds()));
  }

  void stop() {
    trimming = false;
    subscriptions.forEach(Subscription::stop);
  }

  /** For tests: as if the process were killed now. */
  void kill() {
    trimming = false;
    subscriptions.forEach(Subscription::kill);
  }
}
