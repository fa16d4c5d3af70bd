package cloud.lastmile.compute.keypair;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** Users' public keys; names are unique for each user. */
public final class KeypairStore {
  private static final String COLUMNS =
      "k.number, k.user_id, k.name, k.type, k.public_key, k.fingerprint, k.created_at";

  private static final ListQuery<Keypair> LIST =
      ListQuery.of("compute.keypair k", COLUMNS, KeypairStore::map)
          .column(text("name", "k.name").sortOnly())
          .sortedBy("name", true);

  ListPage<Keypair> list(Handle handle, Map<String, List<String>> query, String userId) {
    return LIST.asked(query, ListDialect.paged(Paging.MAX_LIMIT))
        .within(Condition.of("k.user_id = {}", userId))
        .run(handle);
  }

  public Optional<Keypair> find(Handle handle, String userId, String name) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM compute.keypair k WHERE k.user_id = :user AND k.name = :name")
        .bind("user", userId)
        .bind("name", name)
        .map(KeypairStore::map)
        .findOne();
  }

  /** How many the user has; further inserts for the user wait until this transaction ends. */
  int countForInsert(Handle handle, String userId) {
    handle.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('compute.keypair/' || ?, 0))", userId);
    return count(handle, userId);
  }

  int count(Handle handle, String userId) {
    return handle
        .createQuery("SELECT count(*) FROM compute.keypair WHERE user_id = :user")
        .bind("user", userId)
        .mapTo(Integer.class)
        .one();
  }

  /** Fails on the constraint {@code keypair_user_id_name_key}. */
  Keypair insert(
      Handle handle,
      String userId,
      String name,
      String type,
      String publicKey,
      String fingerprint) {
    return handle
        .createQuery(
            """
            INSERT INTO compute.keypair AS k (user_id, name, type, public_key, fingerprint)
            VALUES (:user, :name, :type, :key, :fingerprint) RETURNING \
            """
                + COLUMNS)
        .bind("user", userId)
        .bind("name", name)
        .bind("type", type)
        .bind("key", publicKey)
        .bind("fingerprint", fingerprint)
        .map(KeypairStore::map)
        .one();
  }

  boolean delete(Handle handle, String userId, String name) {
    return handle.execute(
            "DELETE FROM compute.keypair WHERE user_id = ? AND name = ?", userId, name)
        == 1;
  }

  private static Keypair map(ResultSet row, StatementContext context) throws SQLException {
    return new Keypair(
        row.getLong("number"),
        row.getString("user_id"),
        row.getString("name"),
        row.getString("type"),
        row.getString("public_key"),
        row.getString("fingerprint"),
        Utc.at(row, "created_at"));
  }
}
