package cloud.lastmile.identity.access;

import cloud.lastmile.platform.database.Database;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;

/**
 * Rows by id, kept in memory until their id is touched; a hit needs no SQL and no lock. Bounded.
 * What is kept must be immutable.
 */
public final class KeptRows<T> {
  private static final int MAX_ENTRIES = 20_000;

  /** How a row is read; empty if there is none, which is not kept. */
  @FunctionalInterface
  public interface Read<T> {
    Optional<T> row(Handle handle, String id);
  }

  private record Entry<T>(T row, long version, long readAt) {}

  private final Database database;
  private final Tags tags;
  private final BooleanSupplier hearing;
  private final Read<T> read;
  private final Cache<String, Entry<T>> entries =
      Caffeine.newBuilder().maximumSize(MAX_ENTRIES).build();

  KeptRows(Database database, Tags tags, BooleanSupplier hearing, Read<T> read) {
    this.database = database;
    this.tags = tags;
    this.hearing = hearing;
    this.read = read;
  }

  /** The row as of the last change that this node knows of. Not inside database work. */
  public Optional<T> find(String id) {
    Entry<T> known = entries.getIfPresent(id);
    long version = tags.version(id);
    long now = System.nanoTime();
    if (known != null
        && known.version() == version
        && (hearing.getAsBoolean() || now - known.readAt() < AccessCache.DEAF_NANOS)) {
      return Optional.of(known.row());
    }
    Optional<T> row = database.read(handle -> read.row(handle, id));
    row.ifPresentOrElse(
        found -> entries.put(id, new Entry<>(found, version, now)), () -> entries.invalidate(id));
    return row;
  }
}
