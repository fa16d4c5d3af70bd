package cloud.lastmile.identity.user;

import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.TestingIdentity;
import cloud.lastmile.testing.TestingHttp;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** A row that makes no sense is missing in lists, and nothing else is. */
class PoisonedRowsTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "users | account | options | '17'",
        "users | account | extra | '[]'",
        "users | account | password_expires_at | 'infinity'",
        "users | account | password_expires_at | '-infinity'",
        "projects | project | options | '\"x\"'",
        "projects | project | extra | 'null'",
      })
  void theOthersAreListed(String list, String table, String column, String value) {
    TestingHttp admin = IDENTITY.admin();
    String name = unique("poisoned");
    String poisoned = list.equals("users") ? IDENTITY.user(name) : IDENTITY.project(name);
    String other =
        list.equals("users") ? IDENTITY.user(unique("other")) : IDENTITY.project(unique("other"));
    String set = "UPDATE identity." + table + " SET " + column + " = ";
    IDENTITY
        .database()
        .database()
        .change(handle -> handle.execute(set + value + " WHERE id = ?", poisoned));
    for (String query : new String[] {"", "?limit=1000"}) {
      JsonNode all = admin.get("/v3/" + list + query).expect(200).json().path(list);
      assertThat(all.findValuesAsString("id")).as(query).contains(other);
    }
    IDENTITY
        .database()
        .database()
        .change(
            handle -> handle.execute("DELETE FROM identity." + table + " WHERE id = ?", poisoned));
  }
}
