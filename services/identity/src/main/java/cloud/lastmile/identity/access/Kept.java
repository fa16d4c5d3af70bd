package cloud.lastmile.identity.access;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Work;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One value that is read from the database and kept in memory until its tag is touched; a hit needs
 * no SQL and no lock. The value must be immutable: every caller gets the same.
 */
public final class Kept<T> {
  private record Entry<T>(T value, long version, long readAt) {}

  private final Database database;
  private final Tags tags;
  private final BooleanSupplier hearing;
  private final String tag;
  private final Work<T> work;
  private volatile @Nullable Entry<T> entry;

  Kept(Database database, Tags tags, BooleanSupplier hearing, String tag, Work<T> work) {
    this.database = database;
    this.tags = tags;
    this.hearing = hearing;
    this.tag = tag;
    this.work = work;
  }

  /** The value as of the last change that this node knows of. Not inside database work. */
  public T get() {
    Entry<T> known = entry;
    long version = tags.version(tag);
    long now = System.nanoTime();
    if (known != null
        && known.version() == version
        && (hearing.getAsBoolean() || now - known.readAt() < AccessCache.DEAF_NANOS)) {
      return known.value();
    }
    T value = database.read(work);
    entry = new Entry<>(value, version, now);
    return value;
  }
}
