package cloud.lastmile.identity.access;

import cloud.lastmile.identity.token.Token;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Utc;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;

/**
 * Single tokens that were revoked. The database has them, until the last token that they could
 * concern has expired; a node has a filter that tells of nearly every other token that it is none
 * of them, and asks the database about the rest. So the memory for them is the same for one and for
 * a million, and a look-up is no search. See decision 0039.
 */
final class Revocations {
  private static final int FETCHED_AT_ONCE = 1_000;

  private final Database database;
  private final Tags tags;
  private final BooleanSupplier hearing;
  private final InstantSource clock;
  private final KeptRows<Boolean> exact;

  private volatile RevocationFilter filter = new RevocationFilter();

  /** Filters that are being read from the database; what is revoked meanwhile is for them too. */
  private final List<RevocationFilter> fresh = new CopyOnWriteArrayList<>();

  /**
   * @param hearing whether revocations on other nodes are heard of; if not, only the database knows
   */
  Revocations(Database database, Tags tags, BooleanSupplier hearing, InstantSource clock) {
    this.database = database;
    this.tags = tags;
    this.hearing = hearing;
    this.clock = clock;
    this.exact = new KeptRows<>(database, tags, hearing, Revocations::isRevoked);
  }

  boolean revoked(Token token) {
    String auditId = token.auditId();
    return (!hearing.getAsBoolean() || filter.mayHold(auditId))
        && exact.find(auditId).orElse(false);
  }

  /** After the commit: from now on the token is refused here. */
  void add(String auditId) {
    // Whoever began to read the database before this sees it here; who begins after sees it there.
    fresh.forEach(begun -> begun.add(auditId));
    filter.add(auditId);
    tags.raise(auditId);
  }

  /** Whether no token is thought to be revoked. */
  boolean isEmpty() {
    return filter.isEmpty();
  }

  /**
   * Reads all anew: at the start, and after notifications may have been lost. One after the other,
   * or a reading that began before a lost notification could replace one that began after it.
   */
  synchronized void load() {
    RevocationFilter read = new RevocationFilter();
    fresh.add(read);
    try {
      database.change(handle ->
          handle
              .createQuery("SELECT audit_id FROM identity.revocation WHERE expires_at > :now")
              .bind("now", Utc.of(clock.instant()))
              .setFetchSize(FETCHED_AT_ONCE)
              .mapTo(String.class)
              .forEach(read::add));
      filter = read;
    } finally {
      fresh.remove(read);
    }
  }

  /** Forgets those that no longer matter, here and in the database. */
  void sweep() {
    database.change(handle ->
        handle.execute(
            "DELETE FROM identity.revocation WHERE expires_at < ?", Utc.of(clock.instant())));
    load();
  }

  /** Whether it was not there. */
  static boolean insert(Handle handle, String auditId, Instant now, Instant expiresAt) {
    return handle
            .createUpdate(
                """
                INSERT INTO identity.revocation (audit_id, revoked_at, expires_at)
                VALUES (:audit, :now, :expires) ON CONFLICT (audit_id) DO NOTHING
                """)
            .bind("audit", auditId)
            .bind("now", Utc.of(now))
            .bind("expires", Utc.of(expiresAt))
            .execute()
        == 1;
  }

  private static Optional<Boolean> isRevoked(Handle handle, String auditId) {
    return handle
        .createQuery("SELECT EXISTS (SELECT 1 FROM identity.revocation WHERE audit_id = :audit)")
        .bind("audit", auditId)
        .mapTo(Boolean.class)
        .findOne();
  }
}
