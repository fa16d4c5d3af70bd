package cloud.lastmile.identity.password;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PasswordHasherTest {
  private static final PasswordCost CHEAP = new PasswordCost(64, 2);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void libraryAndJavaAgree() {
    Argon2Engine java = new Argon2Engine(Optional.empty(), 64);
    Argon2Engine either = new Argon2Engine(NativeArgon2.find(), 64);
    byte[] salt = bytes("sixteen bytes ok");
    for (String password : List.of("", "secret", "päss wörd")) {
      for (int lanes : new int[] {1, 2}) {
        byte[] expected = java.compute(bytes(password), salt, CHEAP, lanes, 32);
        assertThat(either.compute(bytes(password), salt, CHEAP, lanes, 32)).isEqualTo(expected);
        // The memory that the first hash left behind makes no difference.
        assertThat(java.compute(bytes(password), salt, CHEAP, lanes, 32)).isEqualTo(expected);
      }
    }
  }

  @Test
  void whatTheLibraryRefusesIsComputedInJava() {
    Argon2Engine engine = new Argon2Engine(NativeArgon2.find(), 64);
    assertThat(engine.compute(bytes("secret"), bytes("short"), CHEAP, 1, 32)).hasSize(32);
  }

  @Test
  void knowsAHashOfAnotherImplementation() {
    // Printed by the argon2 command: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1
    PasswordHasher hasher = new PasswordHasher(CHEAP, 1);
    Optional<String> stored =
        Optional.of(
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
    assertThat(hasher.matches("password", stored)).isTrue();
    assertThat(hasher.matches("Password", stored)).isFalse();
  }

  @Test
  void manyAtOnceAreAllAnswered() throws Exception {
    PasswordHasher hasher = new PasswordHasher(CHEAP, 2);
    String stored = hasher.hash("secret");
    try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> answers =
          IntStream.range(0, 200)
              .mapToObj(n ->
                  requests.submit(
                      () -> hasher.matches(n % 2 == 0 ? "secret" : "wrong", Optional.of(stored))))
              .toList();
      for (int n = 0; n < answers.size(); n++) {
        assertThat(answers.get(n).get()).isEqualTo(n % 2 == 0);
      }
    }
  }

  @Test
  void nobodysPasswordMatchesNothing() {
    PasswordHasher hasher = new PasswordHasher(CHEAP, 1);
    assertThat(hasher.matches("", Optional.empty())).isFalse();
  }
}
