package cloud.lastmile.identity.federation;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Utc;
import java.time.Instant;

/** Remembers which web logins came to their end, on all nodes. */
final class WebLoginStore {
  private final Database database;

  WebLoginStore(Database database) {
    this.database = database;
  }

  /** False if it did so before. Forgets those that are too old to be tried again. */
  boolean end(String state, Instant expiresAt, Instant now) {
    return database.transact(handle -> {
      handle.execute("DELETE FROM identity.web_login WHERE expires_at < ?", Utc.of(now));
      return handle
              .createUpdate(
                  """
                  INSERT INTO identity.web_login (id, expires_at)
                  VALUES (encode(sha256(convert_to(:state, 'UTF8')), 'hex'), :expires)
                  ON CONFLICT DO NOTHING
                  """)
              .bind("state", state)
              .bind("expires", Utc.of(expiresAt))
              .execute()
          == 1;
    });
  }
}
