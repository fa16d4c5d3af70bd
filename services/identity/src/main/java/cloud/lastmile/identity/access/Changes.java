package cloud.lastmile.identity.access;

import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Events;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every write of identity goes through here: it commits, and what it touched is looked up afresh by
 * the next request on this node, and on the others as soon as PostgreSQL's notification arrives.
 */
public final class Changes {
  static final String CHANNEL = "identity_changed";

  /** As {@code platform.database.Work}, run again after conflicts, so without other effects. */
  @FunctionalInterface
  public interface Body<T> {
    T run(Handle handle, Touched touched) throws SQLException;
  }

  /** {@link Body} without a result. */
  @FunctionalInterface
  public interface VoidBody {
    void run(Handle handle, Touched touched) throws SQLException;
  }

  private final Database database;
  private final Tags tags;
  private final Revocations revocations;
  private final InstantSource clock;
  private final Events events;
  private final String requestId;
  private final ObjectNode initiator;

  Changes(
      Database database,
      Tags tags,
      Revocations revocations,
      InstantSource clock,
      Events events,
      String requestId,
      ObjectNode initiator) {
    this.database = database;
    this.tags = tags;
    this.revocations = revocations;
    this.clock = clock;
    this.events = events;
    this.requestId = requestId;
    this.initiator = initiator;
  }

  /** The same, with events that name the request and who made it. */
  public Changes by(RequestContext context) {
    return new Changes(
        database, tags, revocations, clock, events, context.requestId(), Cadf.initiator(context));
  }

  public <T> T transact(Body<T> body) {
    Touched touched = new Touched();
    try {
      return database.transact(handle -> {
        touched.clear();
        T result = body.run(handle, touched);
        announce(handle, touched);
        touched.append(handle, events, requestId, initiator, clock.instant());
        return result;
      });
    } finally {
      // Also after a failure: a commit whose answer was lost may have taken effect.
      touched.apply(tags, revocations);
    }
  }

  public void change(VoidBody body) {
    transact((handle, touched) -> {
      body.run(handle, touched);
      return Boolean.TRUE;
    });
  }

  /** Refuses a token from now on. */
  public void revoke(String auditId, Instant expiresAt) {
    Instant now = clock.instant();
    change((handle, touched) -> {
      Revocations.insert(handle, auditId, now, expiresAt);
      touched.revoked(auditId);
      touched.event("token", auditId, "revoked");
    });
  }

  private static void announce(Handle handle, Touched touched) {
    if (touched.isEmpty()) {
      return;
    }
    handle
        .createQuery("SELECT pg_notify(:channel, :message)::text")
        .bind("channel", CHANNEL)
        .bind("message", touched.message())
        .mapTo(String.class)
        .one();
  }
}
