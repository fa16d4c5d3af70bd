package cloud.lastmile.image.imports;

import cloud.lastmile.platform.secret.MasterKey;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * The tokens that imports act with, from their beginning to their end. The operator's key encrypts
 * them, each for its own task, so that a copy of the database tells none.
 */
public final class ImportTokens {
  private final MasterKey key;

  public ImportTokens(MasterKey key) {
    this.key = key;
  }

  /** The task must be there. */
  void keep(Handle handle, UUID task, String token) {
    handle.execute(
        "INSERT INTO image.import_token (task_id, sealed) VALUES (?, ?)",
        task,
        key.seal(token.getBytes(StandardCharsets.UTF_8), purpose(task)));
  }

  Optional<String> find(Handle handle, UUID task) {
    return handle
        .createQuery("SELECT sealed FROM image.import_token WHERE task_id = :task")
        .bind("task", task)
        .mapTo(byte[].class)
        .findOne()
        .map(sealed -> new String(key.open(sealed, purpose(task)), StandardCharsets.UTF_8));
  }

  void forget(Handle handle, UUID task) {
    handle.execute("DELETE FROM image.import_token WHERE task_id = ?", task);
  }

  private static String purpose(UUID task) {
    return "token of import " + task;
  }
}
