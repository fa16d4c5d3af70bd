package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.api.PasswordPolicy;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A refused login costs the same, and says the same, whoever it was for: its time tells nobody
 * which users there are. What is counted is what takes time; {@code bench/run identity} measures
 * it.
 */
class LoginWorkTest {

  /** What one refused login cost and said. */
  private record Work(long hashes, int statements, String answer) {}

  private static Work work(TestingIdentity identity, String name, String password) {
    long before = identity.service().passwordsChecked();
    Answer[] answers = new Answer[1];
    int statements =
        identity.statements(
            "POST",
            "/v3/auth/tokens",
            () -> answers[0] = identity.login(name, password, "default", "\"unscoped\""));
    Answer answer = answers[0].expect(401);
    long hashes = identity.service().passwordsChecked() - before;
    return new Work(hashes, statements, answer.text());
  }

  private static String disabled(TestingIdentity identity) {
    String name = unique("disabled");
    String id = identity.user(name);
    identity.admin().patch("/v3/users/" + id, "{\"user\": {\"enabled\": false}}").expect(200);
    return name;
  }

  private static String withoutPassword(TestingIdentity identity) {
    String name = unique("none");
    identity.admin().post("/v3/users", "{\"user\": {\"name\": \"" + name + "\"}}").expect(201);
    return name;
  }

  @Test
  void everyRefusalIsTheSameWork() {
    try (TestingIdentity identity = TestingIdentity.start()) {
      String known = unique("known");
      identity.user(known);
      Work wrong = work(identity, known, "wrong");
      assertThat(wrong.hashes()).isEqualTo(1);
      assertThat(work(identity, "nobody", "wrong")).isEqualTo(wrong);
      assertThat(work(identity, withoutPassword(identity), "wrong")).isEqualTo(wrong);
      String disabled = disabled(identity);
      assertThat(work(identity, disabled, "wrong")).isEqualTo(wrong);
      assertThat(work(identity, disabled, PASSWORD)).isEqualTo(wrong);
    }
  }

  @Test
  void alsoWhereFailuresLockUsers() {
    PasswordPolicy standard = PasswordPolicy.standard();
    PasswordPolicy locking =
        new PasswordPolicy(0, 0, 0, Optional.empty(), "", false, 2, standard.lockoutDuration(), 0);
    try (TestingIdentity identity = TestingIdentity.start(auth -> auth.with(locking))) {
      String known = unique("known");
      identity.user(known);
      Work wrong = work(identity, known, "wrong");
      assertThat(wrong.hashes()).isEqualTo(1);
      assertThat(work(identity, "nobody", "wrong")).isEqualTo(wrong);
      assertThat(work(identity, disabled(identity), "wrong")).isEqualTo(wrong);
      assertThat(work(identity, known, "wrong")).isEqualTo(wrong);
      // Locked by now; the right password makes no difference.
      assertThat(work(identity, known, "wrong")).isEqualTo(wrong);
      assertThat(work(identity, known, PASSWORD)).isEqualTo(wrong);
    }
  }
}
