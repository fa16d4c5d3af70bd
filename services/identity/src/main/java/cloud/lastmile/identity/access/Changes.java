package cloud.lastmile.identity.access;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Notices;
import cloud.lastmile.platform.work.Events;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every write of identity goes through here: it commits, and what it touched is looked up afresh by
 * the next request on this node, and on the others as soon as PostgreSQL's notification arrives. It
 * is sent after the commit, see {@link Notices}; what a node could not tell because it died, it
 * tells at its next start, and every node looks anew once an hour.
 */
public final class Changes {
  private static final Logger LOG = LoggerFactory.getLogger(Changes.class);
  static final String CHANNEL = "identity_changed";
  private static final int ATTEMPTS = 600;
  private static final Duration PAUSE = Duration.ofSeconds(1);

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
        touched.append(handle, events, requestId, initiator, clock.instant());
        return result;
      });
    } catch (ApiException refused) {
      if (refused.kind().status() < 500) {
        touched.clear();
      }
      throw refused;
    } finally {
      // Also after a failure: a commit whose answer was lost may have taken effect.
      touched.apply(tags, revocations);
      announce(touched);
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
      if (Revocations.insert(handle, auditId, now, expiresAt)) {
        touched.event("token", auditId, "revoked");
      }
      touched.revoked(auditId);
    });
  }

  /** Before the request is answered; if it cannot be said now, it is said until it is. */
  private void announce(Touched touched) {
    if (touched.isEmpty()) {
      return;
    }
    String message = touched.message();
    Notices notices = new Notices(database, CHANNEL);
    try {
      notices.send(message);
    } catch (RuntimeException away) {
      LOG.warn("Other nodes cannot be told of a change yet", away);
      Thread.startVirtualThread(() -> insist(notices, message));
    }
  }

  private static void insist(Notices notices, String message) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      LockSupport.parkNanos(PAUSE.toNanos());
      try {
        notices.send(message);
        return;
      } catch (RuntimeException away) {
        LOG.debug("Other nodes cannot be told of a change yet", away);
      }
    }
    LOG.error("Other nodes were not told of a change: they know what was before for up to an hour");
  }
}
