package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.api.PasswordPolicy;
import cloud.lastmile.identity.password.LoginLimiter;
import cloud.lastmile.identity.password.LoginLimiter.Target;
import cloud.lastmile.identity.password.LoginLimits;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Whatever is guessed, however it is said whose it is, and by however many at once. */
class GuessingTest {
  private static final int LIMIT = 4;

  private static TestingIdentity identity() {
    return TestingIdentity.start(auth -> auth.with(new LoginLimits(LIMIT, 1_000, 500)));
  }

  private static Answer login(TestingIdentity identity, String method, String proof) {
    return identity
        .anonymous()
        .post(
            "/v3/auth/tokens",
            "{\"auth\": {\"identity\": {\"methods\": [\"%1$s\"], \"%1$s\": %2$s}}}"
                .formatted(method, proof));
  }

  /** As many guesses as there may be, and then none whatever is said. */
  private static void limited(IntFunction<Answer> guess) {
    for (int i = 0; i < LIMIT; i++) {
      assertThat(guess.apply(i).status()).as("guess " + i).isEqualTo(401);
    }
    for (int i = LIMIT; i < LIMIT + 6; i++) {
      assertThat(guess.apply(i).status()).as("guess " + i).isEqualTo(429);
    }
  }

  private static String user(String named, String proof) {
    return "{\"user\": {" + named + ", " + proof + "}}";
  }

  /** All ways to name one user; some with an id and a name of nobody beside it. */
  private static List<String> names(String id, String name) {
    return List.of(
        "\"id\": \"" + id + "\"",
        "\"name\": \"" + name + "\", \"domain\": {\"id\": \"default\"}",
        "\"name\": \"" + name + "\", \"domain\": {\"name\": \"Default\"}",
        "\"id\": \"" + id + "\", \"name\": \"%s\"".formatted(unique("any")),
        "\"id\": \""
            + id
            + "\", \"name\": \""
            + name
            + "\", \"domain\": {\"id\": \"%s\"}".formatted(unique("any")),
        "\"name\": \""
            + name
            + "\", \"domain\": {\"id\": \"default\", \"name\": \"%s\"}".formatted(unique("any")));
  }

  @Test
  void aUserIsOneUserHoweverItIsNamed() {
    try (TestingIdentity identity = identity()) {
      String name = unique("user");
      List<String> names = names(identity.user(name), name);
      limited(i ->
          login(
              identity,
              "password",
              user(names.get(i % names.size()), "\"password\": \"guess " + i + "\"")));
      identity.login("admin", PASSWORD, "default", "\"unscoped\"").expect(201);
      // Nobody is told apart from somebody by how long there are guesses.
      List<String> nobody = names(unique("id"), unique("nobody"));
      limited(_ -> login(identity, "password", user(nobody.get(1), "\"password\": \"guess\"")));
    }
  }

  @Test
  void everyMethodCountsAndAllTogether() {
    try (TestingIdentity identity = identity()) {
      String name = unique("user");
      String id = identity.user(name);
      List<String> names = names(id, name);
      String project = unique("project");
      identity.grant(id, "member", identity.project(project));
      TestingHttp own =
          identity.with(identity.token(name, PASSWORD, "default", projectScope(project)));
      List<JsonNode> programs = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        programs.add(
            own.post(
                    "/v3/users/" + id + "/application_credentials",
                    "{\"application_credential\": {\"name\": \"p%d\", \"secret\": \"s%d\"}}"
                        .formatted(i, i))
                .expect(201)
                .json()
                .path("application_credential"));
      }
      List<IntFunction<Answer>> ways =
          List.of(
              i -> login(identity, "totp", user(names.get(i % 6), "\"passcode\": \"" + i + "\"")),
              i ->
                  login(
                      identity,
                      "application_credential",
                      "{\"id\": %s, \"secret\": \"guess\"}"
                          .formatted(programs.get(i % 3).path("id"))),
              i ->
                  login(
                      identity,
                      "application_credential",
                      "{\"name\": \"p%d\", \"secret\": \"guess\", \"user\": {%s}}"
                          .formatted(i % 3, names.get(i % 6))),
              i ->
                  identity
                      .anonymous()
                      .post(
                          "/v3/OS-OAUTH2/token",
                          "grant_type=client_credentials&client_secret=guess&client_id="
                              + programs.get(i % 3).path("id").asString()),
              i -> login(identity, "password", user(names.get(i % 6), "\"password\": \"guess\"")),
              i ->
                  identity
                      .anonymous()
                      .post(
                          "/v3/users/" + id + "/password",
                          "{\"user\": {\"original_password\": \"guess\", \"password\": \"new\"}}"));
      limited(i -> ways.get(i % ways.size()).apply(i));
      ways.forEach(way -> assertThat(way.apply(7).status()).isEqualTo(429));
    }
  }

  @Test
  void signaturesAreCountedByTheirKeysOnly() {
    try (TestingIdentity identity = identity()) {
      String id = identity.user(unique("user"));
      String project = identity.project(unique("project"));
      identity.grant(id, "member", project);
      String path = "/v3/users/" + id + "/credentials/OS-EC2";
      List<JsonNode> pairs = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Answer made = identity.admin().post(path, "{\"tenant_id\": \"" + project + "\"}");
        pairs.add(made.expect(201).json().path("credential"));
      }
      limited(_ -> Ec2Signer.exchange(identity, pairs.get(0), "guess"));
      Ec2Signer.token(identity, pairs.get(1));
    }
  }

  @Test
  void guessesAtOnceAreNoMoreThanOneAfterTheOther() throws Exception {
    try (TestingIdentity identity = identity()) {
      String name = unique("user");
      List<String> names = names(identity.user(name), name);
      long before = identity.service().passwordsChecked();
      try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Integer>> answers =
            IntStream.range(0, 40)
                .mapToObj(i ->
                    clients.submit(() ->
                        login(
                                identity,
                                "password",
                                user(names.get(i % 6), "\"password\": \"guess " + i + "\""))
                            .status()))
                .toList();
        List<Integer> statuses = new ArrayList<>();
        for (Future<Integer> answer : answers) {
          statuses.add(answer.get());
        }
        assertThat(statuses).containsOnly(401, 429);
        assertThat(statuses.stream().filter(status -> status == 401)).hasSize(LIMIT);
      }
      assertThat(identity.service().passwordsChecked() - before).isEqualTo(LIMIT);
    }
  }

  @Test
  void guessesAtOnceLockAUserAsSoonAsOneAfterTheOther() throws Exception {
    PasswordPolicy locking =
        new PasswordPolicy(0, 0, 0, Optional.empty(), "", false, 2, Duration.ofMinutes(30), 0);
    try (TestingIdentity identity = TestingIdentity.start(auth -> auth.with(locking));
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      String name = unique("user");
      String id = identity.user(name);
      List<Future<Answer>> answers =
          IntStream.range(0, 20)
              .mapToObj(i ->
                  clients.submit(
                      () -> identity.login(name, "guess " + i, "default", "\"unscoped\"")))
              .toList();
      for (Future<Answer> answer : answers) {
        answer.get().expect(401);
      }
      int heard =
          identity
              .database()
              .database()
              .read(handle ->
                  handle
                      .createQuery(
                          "SELECT failures FROM identity.login_address WHERE user_id = :id")
                      .bind("id", id)
                      .mapTo(Integer.class)
                      .one());
      assertThat(heard).as("guesses that were heard").isEqualTo(2);
      identity.login(name, PASSWORD, "default", "\"unscoped\"").expect(401);
    }
  }

  @Test
  void rightLoginsAtOnceAreNoGuesses() throws Exception {
    try (TestingIdentity identity = identity();
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> answers =
          IntStream.range(0, 5 * LIMIT)
              .mapToObj(_ ->
                  clients.submit(
                      () -> identity.login("admin", PASSWORD, "default", "\"unscoped\"")))
              .toList();
      for (Future<Answer> answer : answers) {
        answer.get().expect(201);
      }
    }
  }

  @Test
  void whatIsNoGuessIsNotCounted() {
    LoginLimiter limiter = new LoginLimiter(new LoginLimits(1, 1, 1), InstantSource.system());
    for (int i = 0; i < 3; i++) {
      assertThat(status(limiter, "2001:db8::1", ApiException.unavailable("busy", null)))
          .isEqualTo(503);
    }
    ApiException wrong = ApiException.unauthorized("wrong");
    assertThat(status(limiter, "2001:db8::1", wrong)).isEqualTo(401);
    // A host has all of its network's addresses to guess from.
    assertThat(status(limiter, "2001:db8:0:0:ffff::2", wrong)).isEqualTo(429);
    assertThat(status(limiter, "2001:db8:0:1::1", wrong)).as("another's account").isEqualTo(429);
    assertThat(status(limiter, "::ffff:192.0.2.1", wrong)).isEqualTo(429);
  }

  private static int status(LoginLimiter limiter, String address, ApiException end) {
    try {
      return limiter.attempt(
          address,
          attempt -> {
            attempt.at(new Target("user", true));
            throw end;
          });
    } catch (ApiException failure) {
      return failure.kind().status();
    }
  }

  @Test
  void madeUpNamesMakeNobodysGuessesForgotten() throws Exception {
    LoginLimiter limiter =
        new LoginLimiter(new LoginLimits(2, 1_000_000, 1_000_000), InstantSource.system());
    AtomicInteger done = new AtomicInteger();
    ApiException wrong = ApiException.unauthorized("wrong");
    assertThat(status(limiter, "192.0.2.1", wrong)).isEqualTo(401);
    assertThat(status(limiter, "192.0.2.1", wrong)).isEqualTo(401);
    CountDownLatch flooded = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          for (int i = 0; i < 120_000; i++) {
            String name = "nobody " + i;
            limiter.attempt(
                "192.0.2.2",
                attempt -> {
                  attempt.at(Target.nobody(name));
                  return done.incrementAndGet();
                });
          }
          flooded.countDown();
        });
    flooded.await();
    assertThat(status(limiter, "192.0.2.1", wrong)).isEqualTo(429);
  }
}
