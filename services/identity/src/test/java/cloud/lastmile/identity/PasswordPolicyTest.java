package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.api.PasswordPolicy;
import cloud.lastmile.identity.password.LoginLimiter;
import cloud.lastmile.identity.password.LoginLimits;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PasswordPolicyTest {
  private static final PasswordPolicy STANDARD = PasswordPolicy.standard();
  private static final String FIRST = "first horse 1";

  private static TestingIdentity with(PasswordPolicy policy) {
    return TestingIdentity.start(auth -> auth.with(policy));
  }

  private static PasswordPolicy policy(
      int unique, int age, int days, boolean first, int attempts, int inactive) {
    return new PasswordPolicy(
        unique,
        age,
        days,
        Optional.empty(),
        "",
        first,
        attempts,
        STANDARD.lockoutDuration(),
        inactive);
  }

  private static JsonNode user(TestingIdentity identity, String password, String options) {
    return identity
        .admin()
        .post(
            "/v3/users",
            """
            {"user": {"name": "%s", "password": "%s", "options": %s}}\
            """
                .formatted(unique("user"), password, options))
        .expect(201)
        .json()
        .path("user");
  }

  private static Answer login(TestingIdentity identity, JsonNode user, String password) {
    return identity.login(user.path("name").asString(), password, "default", "\"unscoped\"");
  }

  private static Answer change(
      TestingIdentity identity, JsonNode user, String original, String wanted) {
    return identity
        .anonymous()
        .post(
            "/v3/users/" + user.path("id").asString() + "/password",
            """
            {"user": {"original_password": "%s", "password": "%s"}}\
            """
                .formatted(original, wanted));
  }

  private static PasswordPolicy pattern(String regex, String description) {
    return new PasswordPolicy(
        0,
        0,
        0,
        Optional.of(Pattern.compile(regex)),
        description,
        false,
        0,
        STANDARD.lockoutDuration(),
        0);
  }

  @Test
  void passwordsMustMatchThePattern() {
    PasswordPolicy policy = pattern("^.*\\d.*$", "at least one digit");
    try (TestingIdentity identity = with(policy)) {
      Answer refused =
          identity
              .admin()
              .post("/v3/users", "{\"user\": {\"name\": \"u\", \"password\": \"nodigit\"}}");
      assertThat(refused.expect(400).text())
          .contains("at least one digit")
          .doesNotContain("nodigit");
      JsonNode user = user(identity, FIRST, "{}");
      change(identity, user, FIRST, "nodigit").expect(400);
      change(identity, user, FIRST, "digit 2").expect(204);
      login(identity, user, "digit 2").expect(201);
    }
  }

  @Test
  void oldPasswordsAreNotTakenAgain() {
    try (TestingIdentity identity = with(policy(3, 0, 0, false, 0, 0))) {
      JsonNode user = user(identity, FIRST, "{}");
      change(identity, user, FIRST, FIRST).expect(400);
      change(identity, user, FIRST, "second").expect(204);
      change(identity, user, "second", FIRST).expect(400);
      change(identity, user, "second", "third").expect(204);
      change(identity, user, "third", FIRST).expect(400);
      change(identity, user, "third", "fourth").expect(204);
      change(identity, user, "fourth", FIRST).expect(204);
    }
  }

  @Test
  void aChosenPasswordIsKeptForSomeDays() {
    try (TestingIdentity identity = with(policy(0, 2, 0, false, 0, 0))) {
      JsonNode user = user(identity, FIRST, "{}");
      change(identity, user, FIRST, "second").expect(204);
      assertThat(change(identity, user, "second", "third").expect(400).text())
          .contains("minimum password age");
      identity.pass(Duration.ofDays(3));
      change(identity, user, "second", "third").expect(204);
    }
  }

  @Test
  void passwordsExpireUnlessTheUserIsExempt() {
    try (TestingIdentity identity = with(policy(0, 0, 10, false, 0, 0))) {
      JsonNode user = user(identity, FIRST, "{}");
      assertThat(user.path("password_expires_at").asString()).matches("\\d{4}-.*");
      JsonNode exempt = user(identity, FIRST, "{\"ignore_password_expiry\": true}");
      assertThat(exempt.path("password_expires_at").isNull()).isTrue();
      String end = user.path("password_expires_at").asString();
      String list = "/v3/users?password_expires_at=";
      assertThat(identity.admin().get(list + "lte:" + end + "Z").json().path("users")).hasSize(1);
      assertThat(identity.admin().get(list + "gt:" + end + "Z").json().path("users")).isEmpty();
      login(identity, user, FIRST).expect(201);
      identity.pass(Duration.ofDays(11));
      assertThat(login(identity, user, FIRST).expect(401).text()).contains("expired");
      login(identity, exempt, FIRST).expect(201);
      change(identity, user, FIRST, "second").expect(204);
      login(identity, user, "second").expect(201);
    }
  }

  @Test
  void aPasswordSetByOthersIsChangedAtOnce() {
    try (TestingIdentity identity = with(policy(0, 0, 0, true, 0, 0))) {
      JsonNode user = user(identity, FIRST, "{}");
      login(identity, user, FIRST).expect(401);
      change(identity, user, FIRST, "second").expect(204);
      login(identity, user, "second").expect(201);
      identity
          .admin()
          .patch("/v3/users/" + user.path("id").asString(), "{\"user\": {\"password\": \"reset\"}}")
          .expect(200);
      login(identity, user, "reset").expect(401);
      JsonNode exempt = user(identity, FIRST, "{\"ignore_change_password_upon_first_use\": true}");
      login(identity, exempt, FIRST).expect(201);
      JsonNode locked = user(identity, FIRST, "{\"lock_password\": true}");
      change(identity, locked, FIRST, "second").expect(400);
    }
  }

  @Test
  void failedLoginsLockTheAccountForAWhile() {
    try (TestingIdentity identity = with(policy(0, 0, 0, false, 3, 0))) {
      JsonNode user = user(identity, FIRST, "{}");
      JsonNode exempt = user(identity, FIRST, "{\"ignore_lockout_failure_attempts\": true}");
      for (int i = 0; i < 3; i++) {
        login(identity, user, "wrong").expect(401);
        login(identity, exempt, "wrong").expect(401);
      }
      login(identity, user, FIRST).expect(401);
      login(identity, exempt, FIRST).expect(201);
      identity.pass(Duration.ofMinutes(31));
      login(identity, user, "wrong").expect(401);
      login(identity, user, FIRST).expect(201);
      for (int i = 0; i < 3; i++) {
        login(identity, user, "wrong").expect(401);
      }
      login(identity, user, FIRST).expect(401);
      identity
          .admin()
          .patch("/v3/users/" + user.path("id").asString(), "{\"user\": {\"password\": \"again\"}}")
          .expect(200);
      login(identity, user, "again").expect(201);
    }
  }

  @Test
  void oneAddressDoesNotLockOutAnother() {
    try (TestingIdentity identity = with(policy(0, 0, 0, false, 3, 0))) {
      JsonNode user = user(identity, FIRST, "{}");
      identity
          .database()
          .database()
          .change(handle ->
              handle.execute(
                  """
                  INSERT INTO identity.login_address (user_id, address, failures, failed_at)
                  VALUES (?, '192.0.2.1', 25, now())\
                  """,
                  user.path("id").asString()));
      login(identity, user, FIRST).expect(201);
      identity
          .database()
          .database()
          .change(handle ->
              handle.execute(
                  "UPDATE identity.login_address SET failures = 1000 WHERE address = '192.0.2.1'"));
      login(identity, user, FIRST).expect(201);
      JsonNode stranger = user(identity, FIRST, "{}");
      identity
          .database()
          .database()
          .change(handle ->
              handle.execute(
                  """
                  INSERT INTO identity.login_address (user_id, address, failures, failed_at)
                  SELECT ?, '192.0.2.' || n, 2, now() FROM generate_series(1, 20) AS n\
                  """,
                  stranger.path("id").asString()));
      login(identity, stranger, FIRST).expect(401);
    }
  }

  @Test
  void whoStaysAwayIsRefused() {
    try (TestingIdentity identity = with(policy(0, 0, 0, false, 0, 90))) {
      JsonNode user = user(identity, FIRST, "{}");
      JsonNode exempt = user(identity, FIRST, "{\"ignore_user_inactivity\": true}");
      JsonNode faithful = user(identity, FIRST, "{}");
      identity.pass(Duration.ofDays(60));
      login(identity, faithful, FIRST).expect(201);
      identity.pass(Duration.ofDays(60));
      login(identity, user, FIRST).expect(401);
      login(identity, exempt, FIRST).expect(201);
      login(identity, faithful, FIRST).expect(201);
    }
  }

  @Test
  void whoStaysAwayIsShownAsDisabledAndNothingOfItIsGood() {
    try (TestingIdentity identity = with(policy(0, 0, 0, false, 0, 90))) {
      JsonNode user = user(identity, FIRST, "{}");
      JsonNode exempt = user(identity, FIRST, "{\"ignore_user_inactivity\": true}");
      String token = login(identity, user, FIRST).expect(201).header("X-Subject-Token");
      identity
          .database()
          .database()
          .change(handle ->
              handle.execute(
                  """
                  UPDATE identity.account SET last_active_on = now()::date - 91
                  WHERE name <> 'admin'
                  """));
      identity.service().upkeep();
      identity.with(token).get("/v3/auth/projects").expect(401);
      login(identity, user, FIRST).expect(401);
      assertThat(enabled(identity, user)).isFalse();
      assertThat(enabled(identity, exempt)).isTrue();
      String path = "/v3/users/" + user.path("id").asString();
      identity.admin().patch(path, "{\"user\": {\"enabled\": true}}").expect(200);
      identity.service().upkeep();
      assertThat(enabled(identity, user)).isTrue();
      login(identity, user, FIRST).expect(201);
    }
  }

  private static boolean enabled(TestingIdentity identity, JsonNode user) {
    return identity
        .admin()
        .get("/v3/users/" + user.path("id").asString())
        .expect(200)
        .json()
        .at("/user/enabled")
        .asBoolean(false);
  }

  @Test
  void usersAreToldTheRulesForPasswords() {
    PasswordPolicy rules = pattern("^.{7,}$", "at least seven characters");
    try (TestingIdentity identity = with(rules)) {
      String path = "/v3/domains/default/config/security_compliance";
      JsonNode all = identity.admin().get(path).expect(200).json();
      assertThat(all.at("/config/security_compliance/password_regex").asString())
          .isEqualTo("^.{7,}$");
      JsonNode one = identity.admin().get(path + "/password_regex_description").expect(200).json();
      assertThat(one.at("/config/password_regex_description").asString())
          .isEqualTo("at least seven characters");
    }
  }

  @Test
  void guessesAreCountedByAddress() {
    LoginLimiter limiter =
        new LoginLimiter(
            new LoginLimits(3, 6, 8), Clock.fixed(Instant.EPOCH.plusSeconds(1), ZoneOffset.UTC));
    right(limiter, "alice", "home");
    for (int i = 0; i < 3; i++) {
      wrong(limiter, "alice", "evil");
    }
    refused(limiter, "alice", "evil");
    right(limiter, "alice", "home");
    right(limiter, "bob", "evil");
    for (int i = 0; i < 3; i++) {
      wrong(limiter, "bob", "evil");
    }
    refused(limiter, "carol", "evil");
    for (int i = 0; i < 8; i++) {
      // The three from the first address count too.
      if (i < 5) {
        wrong(limiter, "alice", "evil-" + i);
      } else {
        refused(limiter, "alice", "evil-" + i);
      }
    }
    refused(limiter, "alice", "new");
    right(limiter, "alice", "home");
  }

  private static void right(LoginLimiter limiter, String account, String address) {
    limiter.attempt(
        address,
        attempt -> {
          attempt.at(new LoginLimiter.Target(account, true));
          return account;
        });
  }

  private static void wrong(LoginLimiter limiter, String account, String address) {
    Assertions.assertThatThrownBy(() ->
            limiter.attempt(
                address,
                attempt -> {
                  attempt.at(new LoginLimiter.Target(account, true));
                  throw ApiException.unauthorized("wrong");
                }))
        .hasMessageContaining("wrong");
  }

  private static void refused(LoginLimiter limiter, String account, String address) {
    Assertions.assertThatThrownBy(() -> right(limiter, account, address))
        .isInstanceOfSatisfying(
            ApiException.class,
            failure ->
                Assertions.assertThat(failure.kind())
                    .isEqualTo(ApiException.Kind.TOO_MANY_REQUESTS));
  }
}
