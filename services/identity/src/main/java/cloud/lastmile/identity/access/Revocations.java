package cloud.lastmile.identity.access;

import cloud.lastmile.identity.token.Token;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/**
 * Single tokens that were revoked, by audit id: a look-up, not a list to scan. An entry goes when
 * the last token that it could concern has expired.
 */
public final class Revocations {
  private final Map<String, Instant> expiryByAuditId = new ConcurrentHashMap<>();

  boolean revoked(Token token) {
    return expiryByAuditId.containsKey(token.auditId());
  }

  void add(String auditId, Instant expiresAt) {
    expiryByAuditId.put(auditId, expiresAt);
  }

  void forget(Instant now) {
    expiryByAuditId.values().removeIf(expiry -> expiry.isBefore(now));
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
    handle
        .createUpdate("DELETE FROM identity.revocation WHERE expires_at < :now")
        .bind("now", utc(now))
        .execute();
  }

  private static OffsetDateTime utc(Instant instant) {
    return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
  }
}
