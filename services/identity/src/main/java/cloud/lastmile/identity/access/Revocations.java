package cloud.lastmile.identity.access;

import cloud.lastmile.identity.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;

/**
 * Single tokens that were revoked, by audit id: a look-up, not a list to scan. An entry goes when
 * the last token that it could concern has expired.
 */
public final class Revocations {
  private static final Duration SWEEP_EVERY = Duration.ofMinutes(1);

  private final Map<String, Instant> expiryByAuditId = new ConcurrentHashMap<>();
  private final InstantSource clock;
  private final AtomicLong nextSweep = new AtomicLong();

  Revocations(InstantSource clock) {
    this.clock = clock;
  }

  boolean revoked(Token token) {
    return expiryByAuditId.containsKey(token.auditId());
  }

  /** Also drops, now and then, those that no longer matter: a node may only ever hear of them. */
  void add(String auditId, Instant expiresAt) {
    expiryByAuditId.put(auditId, expiresAt);
    long now = clock.millis();
    long due = nextSweep.get();
    if (now >= due && nextSweep.compareAndSet(due, now + SWEEP_EVERY.toMillis())) {
      sweep();
    }
  }

  void sweep() {
    Instant moment = clock.instant();
    expiryByAuditId.values().removeIf(expiry -> expiry.isBefore(moment));
  }

  int size() {
    return expiryByAuditId.size();
  }

  /** Reads all that still matter: at the start, and after notifications may have been lost. */
  void load(Handle handle, Instant now) {
    handle
        .createQuery("SELECT audit_id, expires_at FROM identity.revocation WHERE expires_at > :now")
        .bind("now", utc(now))
        .map((row, _) ->
            Map.entry(
                row.getString("audit_id"),
                row.getObject("expires_at", OffsetDateTime.class).toInstant()))
        .forEach(entry -> add(entry.getKey(), entry.getValue()));
  }

  static void insert(Handle handle, String auditId, Instant now, Instant expiresAt) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.revocation (audit_id, revoked_at, expires_at)
            VALUES (:audit, :now, :expires) ON CONFLICT (audit_id) DO NOTHING
            """)
        .bind("audit", auditId)
        .bind("now", utc(now))
        .bind("expires", utc(expiresAt))
        .execute();
    sweep(handle, now);
  }

  static void sweep(Handle handle, Instant now) {
    handle
        .createUpdate("DELETE FROM identity.revocation WHERE expires_at < :now")
        .bind("now", utc(now))
        .execute();
  }

  private static OffsetDateTime utc(Instant instant) {
    return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
  }
}
