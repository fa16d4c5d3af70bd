package cloud.lastmile.platform.database;

import cloud.lastmile.platform.core.ApiException;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The pool of connections to PostgreSQL, and the two ways to use one: {@link #read} and {@link
 * #transact}. Both take one connection for as long as the work runs, so the work must not wait for
 * anything but the database and must not call {@code read} or {@code transact} again: that is
 * refused, for it would exhaust the pool under load.
 *
 * <p>Who a piece of work is for, see {@link Payer}, gets no more than a share of the connections.
 *
 * <p>Conflicts with other transactions and connections lost before the commit are tried again. When
 * the database is away for longer, the caller gets {@link ApiException#unavailable}; when its disk
 * is full, {@link ApiException#insufficientStorage}.
 */
public final class Database implements AutoCloseable {

  /** Each connection has plans of its own, so that more of them are slower for a long time. */
  private static final int POOL_SIZE = 12;

  private static final int ATTEMPTS = 6;
  private static final int CONNECTION_TIMEOUT_MILLIS = 5_000;

  /**
   * A statement is planned once for each connection: by default it would be planned anew five times
   * first, which for the short statements here costs more than running them.
   */
  private static final String SESSION =
      "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"
          + " -c plan_cache_mode=force_generic_plan";

  /** A statement, because the driver sets the JVM's zone after every option of the connection. */
  private static final String IN_UTC = "SET TIME ZONE 'UTC'";

  /** Serialization failure and deadlock: the same work succeeds when it is run again. */
  private static final Set<String> CONFLICTS = Set.of("40001", "40P01");

  private static final String FOREIGN_KEY = "23503";

  /** Administrator's shutdown, crash, and a server that starts: there is no connection. */
  private static final Set<String> GONE = Set.of("57P01", "57P02", "57P03");

  private static final String DISK_FULL = "53100";

  /** A lock was waited for until its time limit. */
  private static final String LOCKED = "55P03";

  /** Statement cancelled, by its time limit. */
  private static final String CANCELLED = "57014";

  /** How long what a client filters by may take. */
  private static final String FILTER_TIMEOUT = "SET LOCAL statement_timeout = '2s'";

  /** Filters that may be slow leave most of the pool, and the processor, to other work. */
  private static final int SLOW_FILTERS = 4;

  private static final int SLOW_FILTERS_OF_ONE = 2;

  private static final ScopedValue<Boolean> BUSY = ScopedValue.newInstance();

  private final DatabaseUrl url;
  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final Shares shares;
  private final Shares slowFilters =
      new Shares(
          SLOW_FILTERS, SLOW_FILTERS_OF_ONE, 1, Duration.ofMillis(CONNECTION_TIMEOUT_MILLIS));
  private final Semaphore slowFiltersInAll = new Semaphore(SLOW_FILTERS, true);

  private Database(DatabaseUrl url, HikariDataSource pool) {
    this.url = url;
    this.pool = pool;
    this.jdbi = Jdbi.create(pool).installPlugin(new PostgresPlugin());
    this.jdbi.setSqlLogger(StatementCounter.LOGGER);
    int connections = pool.getMaximumPoolSize();
    this.shares =
        new Shares(
            connections,
            Math.max(1, connections * 2 / 3),
            Math.min(2, connections),
            Duration.ofMillis(CONNECTION_TIMEOUT_MILLIS));
  }

  /** Opens the pool; a database that cannot be reached is reported at once. */
  public static Database connect(DatabaseUrl url) {
    return connect(url, POOL_SIZE);
  }

  public static Database connect(DatabaseUrl url, int connections) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("database");
    config.setJdbcUrl(url.jdbcUrl());
    config.setDataSourceProperties(url.properties());
    config.addDataSourceProperty("options", SESSION);
    config.setConnectionInitSql(IN_UTC);
    config.addDataSourceProperty("ApplicationName", "lastmile");
    config.addDataSourceProperty("reWriteBatchedInserts", "true");
    config.addDataSourceProperty("prepareThreshold", "1");
    config.addDataSourceProperty("connectTimeout", "5");
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(1);
    config.setIdleTimeout(60_000);
    config.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
    config.setThreadFactory(Thread.ofPlatform().daemon().name("database-", 0).factory());
    return new Database(url, new HikariDataSource(config));
  }

  /**
   * Without a transaction: each statement sees what is committed when it runs, and one that changes
   * something commits on its own. Must be harmless when run twice.
   */
  public <T> T read(Work<T> work) {
    return attempt(work, false);
  }

  /**
   * {@link #read}, with each statement planned for its values, which takes a millisecond or two:
   * for lists of large tables, where the best plan depends on how much the filters leave.
   */
  public <T> T readPlanned(Work<T> work) {
    return attempt(
        handle -> {
          try (Statement statement = handle.getConnection().createStatement()) {
            statement.execute("SET LOCAL plan_cache_mode = force_custom_plan");
          }
          return work.run(handle);
        },
        true);
  }

  /**
   * {@link #read}, for what a client filters by in a way that may be slow, such as a regular
   * expression. It has a short time, and few of them run at once.
   *
   * @throws ApiException bad request if the time is over, unavailable if it never was its turn
   */
  public <T> T readFiltered(Work<T> work) {
    String payer = Payer.current().orElse("");
    slowFilters.enter(payer);
    try {
      if (!slowFiltersInAll.tryAcquire(CONNECTION_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
        throw ApiException.unavailable("Too many lists are being filtered; try again later.", null);
      }
      try {
        return attempt(
            handle -> {
              handle.execute(FILTER_TIMEOUT);
              return work.run(handle);
            },
            true);
      } finally {
        slowFiltersInAll.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.unavailable("Interrupted while waiting for the database.", e);
    } catch (RuntimeException failure) {
      if (isCancelled(failure)) {
        throw ApiException.badRequest(
            "The filter takes too long to answer: ask with a simpler pattern, or for less.");
      }
      throw failure;
    } finally {
      slowFilters.leave(payer);
    }
  }

  private static boolean isCancelled(RuntimeException failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && CANCELLED.equals(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  /** All of the work is committed when this returns, or nothing of it has happened. */
  public <T> T transact(Work<T> work) {
    return attempt(work, true);
  }

  /** {@link #transact} without a result. */
  public void change(Change change) {
    transact(handle -> {
      change.run(handle);
      return Boolean.TRUE;
    });
  }

  /** The name of the constraint that the statement violated, if that is why it failed. */
  public static Optional<String> violated(Throwable failure) {
    return serverError(failure).map(ServerErrorMessage::getConstraint);
  }

  /**
   * What to say to a client whose change referred to something that was deleted meanwhile, or
   * deleted something that was referred to meanwhile, if that is why the statement failed.
   */
  public static Optional<ApiException> overtaken(Throwable failure) {
    return serverError(failure)
        .filter(error -> FOREIGN_KEY.equals(error.getSQLState()))
        .map(error ->
            ApiException.conflict(
                String.valueOf(error.getMessage()).startsWith("insert")
                    ? "Something that the request refers to has just been deleted."
                    : "It cannot be deleted: something that was just made refers to it."));
  }

  /** A connection outside the pool, without time limits, for one listener or migration. */
  public Connection connectAside() throws SQLException {
    Connection connection = DriverManager.getConnection(url.jdbcUrl(), url.properties());
    try (Statement statement = connection.createStatement()) {
      statement.execute(IN_UTC);
      return connection;
    } catch (SQLException failure) {
      connection.close();
      throw failure;
    }
  }

  public DatabaseUrl url() {
    return url;
  }

  @Override
  public void close() {
    pool.close();
  }

  private <T> T attempt(Work<T> work, boolean transaction) {
    if (BUSY.isBound()) {
      throw new IllegalStateException("Database work inside database work; pass the handle on");
    }
    Optional<String> payer = Payer.current();
    payer.ifPresent(shares::enter);
    try {
      return ScopedValue.where(BUSY, true).call(() -> attemptAlone(work, transaction));
    } finally {
      payer.ifPresent(shares::leave);
    }
  }

  private <T> T attemptAlone(Work<T> work, boolean transaction) {
    for (int attempt = 1; ; attempt++) {
      Progress progress = new Progress();
      try {
        return transaction ? inTransaction(work, progress) : reading(work);
      } catch (SQLException | RuntimeException failure) {
        Failure kind = classify(failure);
        boolean again = kind == Failure.CONFLICT || (kind == Failure.GONE && !progress.committing);
        if (kind == Failure.NO_CONNECTION || (kind == Failure.GONE && attempt == ATTEMPTS)) {
          throw ApiException.unavailable("The database is not available.", failure);
        }
        if (kind == Failure.FULL) {
          throw ApiException.insufficientStorage(
              "The database's disk is full; nothing was changed.", failure);
        }
        if (kind == Failure.LOCKED) {
          throw ApiException.unavailable(
              "Others are changing the same for too long; try again.", failure);
        }
        if (!again || attempt == ATTEMPTS) {
          throw unchecked(failure, kind);
        }
        pause(attempt);
      }
    }
  }

  /** How far an attempt came: after its commit began, nobody knows whether it took effect. */
  private static final class Progress {
    private boolean committing;
  }

  private enum Failure {
    CONFLICT,
    GONE,
    NO_CONNECTION,
    FULL,
    LOCKED,
    OTHER
  }

  private <T> T reading(Work<T> work) throws SQLException {
    try (Handle handle = jdbi.open()) {
      return work.run(handle);
    }
  }

  private <T> T inTransaction(Work<T> work, Progress progress) throws SQLException {
    try (Handle handle = jdbi.open()) {
      handle.begin();
      try {
        T result = work.run(handle);
        progress.committing = true;
        handle.commit();
        return result;
      } catch (Throwable failure) {
        rollback(handle, failure);
        throw failure;
      }
    }
  }

  private static void rollback(Handle handle, Throwable failure) {
    try {
      if (handle.isInTransaction()) {
        handle.rollback();
      }
    } catch (RuntimeException lost) {
      failure.addSuppressed(lost);
    }
  }

  private static Failure classify(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLTransientConnectionException) {
        return Failure.NO_CONNECTION;
      }
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        String state = sql.getSQLState();
        if (CONFLICTS.contains(state)) {
          return Failure.CONFLICT;
        }
        if (state.equals(DISK_FULL)) {
          return Failure.FULL;
        }
        if (state.equals(LOCKED)) {
          return Failure.LOCKED;
        }
        if (GONE.contains(state) || state.startsWith("08")) {
          return Failure.GONE;
        }
      }
    }
    return Failure.OTHER;
  }

  private static RuntimeException unchecked(Exception failure, Failure kind) {
    if (kind == Failure.GONE) {
      return ApiException.unavailable(
          "The database was lost while the request was committed.", failure);
    }
    return failure instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException("A statement failed: " + failure.getMessage(), failure);
  }

  private static Optional<ServerErrorMessage> serverError(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PSQLException sql && sql.getServerErrorMessage() != null) {
        return Optional.of(sql.getServerErrorMessage());
      }
    }
    return Optional.empty();
  }

  private static void pause(int attempt) {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(1, 10 << attempt));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.unavailable("Interrupted while waiting for the database.", e);
    }
  }
}
