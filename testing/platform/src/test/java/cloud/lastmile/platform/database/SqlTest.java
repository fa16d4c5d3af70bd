package cloud.lastmile.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.testing.TestingDatabase;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class SqlTest {
  private static TestingDatabase testing;
  private static Database database;

  @BeforeAll
  static void open() {
    testing = TestingDatabase.create();
    database = testing.database();
    database.change(
        handle -> handle.execute("CREATE TABLE sort (name text CONSTRAINT sort_once PRIMARY KEY)"));
  }

  @AfterAll
  static void close() {
    testing.close();
  }

  @Test
  void aNameMayStandSeveralTimesAndIsNeitherATextNorACast() {
    Sql sql = Sql.of("SELECT :word || ':word' || (:number::bigint + 1)::text || :word");
    String text =
        database.read(handle ->
            sql.on(handle).bind("word", "a").bind("number", 1L).one(row -> row.getString(1)));
    assertThat(text).isEqualTo("a:word2a");
  }

  @Test
  void bindsNullAndArraysAlsoEmptyOnes() {
    Sql sql =
        Sql.of(
            """
            SELECT CAST(:none AS text) IS NULL, cardinality(:texts),
              CAST(:id AS uuid) = ANY (:ids), cardinality(:numbers)\
            """);
    UUID id = UUID.randomUUID();
    String row =
        database.read(handle ->
            sql.on(handle)
                .bind("none", null)
                .bind("texts", new String[0])
                .bind("id", id)
                .bind("ids", new UUID[] {id})
                .bind("numbers", new Long[] {1L, 2L})
                .one(found ->
                    found.getString(1) + found.getInt(2) + found.getString(3) + found.getInt(4)));
    assertThat(row).isEqualTo("t0t2");
  }

  @Test
  void givesAllRowsOrTheFirstOrNone() {
    Sql sql = Sql.of("SELECT n FROM generate_series(1, :last) AS n");
    List<Integer> all =
        database.read(handle -> sql.on(handle).bind("last", 3).list(row -> row.getInt(1)));
    Optional<Integer> none =
        database.read(handle -> sql.on(handle).bind("last", 0).first(row -> row.getInt(1)));
    assertThat(all).containsExactly(1, 2, 3);
    assertThat(none).isEmpty();
  }

  @Test
  void countsAsAStatementAndTellsTheViolatedConstraint() {
    Sql insert = Sql.of("INSERT INTO sort VALUES (:name)");
    int statements =
        StatementCounter.count(
            () -> database.change(handle -> insert.on(handle).bind("name", "x").execute()));
    assertThat(statements).isEqualTo(1);
    assertThatThrownBy(
            () -> database.change(handle -> insert.on(handle).bind("name", "x").execute()))
        .satisfies(failure -> assertThat(Database.violated(failure)).contains("sort_once"));
  }

  @Test
  void refusesUnknownAndMissingParameters() {
    Sql sql = Sql.of("SELECT :one");
    assertThatThrownBy(
            () -> database.read(handle -> sql.on(handle).bind("two", 2).one(row -> row.getInt(1))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> database.read(handle -> sql.on(handle).one(row -> row.getInt(1))))
        .isInstanceOf(IllegalStateException.class);
  }
}
