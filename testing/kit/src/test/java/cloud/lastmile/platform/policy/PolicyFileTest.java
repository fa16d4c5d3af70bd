package cloud.lastmile.platform.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PolicyFileTest {
  private static final PolicyRule CREATE = new PolicyRule("compute:create", "role:member");
  private static final List<PolicyRule> RULES =
      List.of(CREATE, new PolicyRule("compute:list", "role:reader"));

  @TempDir private Path directory;

  private static Caller caller(String role) {
    return new Caller("u", "user", "d", new Scope.SystemScope(), Set.of(role));
  }

  private PolicyFile file(String text) throws IOException {
    Path path = directory.resolve("policy.yaml");
    Files.writeString(path, text);
    return new PolicyFile(path, RULES);
  }

  private void assertMistake(String text, String where, String what) throws IOException {
    PolicyFile file = file(text);
    assertThatThrownBy(file::load)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("policy.yaml:" + where + ":")
        .hasMessageContaining(what);
  }

  @Test
  void aMissingOrEmptyFileOverridesNothing() throws IOException {
    PolicyFile missing = new PolicyFile(directory.resolve("none.yaml"), RULES);
    assertThat(missing.load().effective()).containsEntry("compute:create", "role:member");
    assertThat(file("").load().effective()).hasSize(2);
    assertThat(file("rules:\n").load().effective()).hasSize(2);
  }

  @Test
  void aMistakeIsNamedWithLineAndColumn() throws IOException {
    assertMistake("rules:\n  compute:creat: \"@\"\n", "2:3", "unknown policy rule compute:creat");
    assertMistake(
        "rules:\n  compute:list: \"@\"\n  compute:create: \"role:a and\"\n",
        "3:19",
        "unexpected end");
    assertMistake("rules:\n  compute:create: rule:nobody\n", "2:19", "unknown rule nobody");
    assertMistake("rules:\n  compute:create: 7\n", "2:19", "must be a text");
    assertMistake("rule:\n  a: b\n", "1:1", "unknown key rule");
    assertMistake("rules:\n  compute:create: \"@\"\n  compute:create: \"!\"\n", "3:3", "twice");
    assertMistake("rules: [\n", "1:8", "names with checks");
  }

  @Test
  void aChangeIsInForceAtOnceAndABrokenFileChangesNothing() throws Exception {
    PolicyFile file = file("rules:\n  compute:create: role:admin\n");
    AtomicReference<Policy> current = new AtomicReference<>(file.load());
    try (PolicyWatch _ = PolicyWatch.start(file, current::set)) {
      assertThat(current.get().allows(CREATE, caller("member"), Map.of())).isFalse();
      replace(file, "rules:\n  compute:create: role:operator\n");
      Await.until(
          "the replaced rule", () -> current.get().allows(CREATE, caller("operator"), Map.of()));
      Policy before = current.get();
      replace(file, "rules:\n  compute:create: role:x and\n");
      replace(file, "rules:\n  compute:list: role:seen\n");
      Await.until("the rule after it", () -> current.get().effective().containsValue("role:seen"));
      assertThat(before.effective()).containsEntry("compute:create", "role:operator");
      Files.delete(file.path());
      Await.until(
          "the default", () -> current.get().effective().get("compute:list").equals("role:reader"));
    }
  }

  /** As editors do it. */
  private void replace(PolicyFile file, String text) throws IOException {
    Path draft = directory.resolve("draft");
    Files.writeString(draft, text);
    Files.move(draft, file.path(), StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void anExplanationSaysWhichPartDecides() {
    Policy policy =
        Policy.of(
            List.of(
                new PolicyRule("admin_required", "role:admin"),
                new PolicyRule(
                    "x:y", "rule:admin_required or (role:reader and user_id:%(user_id)s)")),
            Map.of());
    PolicyTrace allowed = policy.explain("x:y", caller("reader"), Map.of("user_id", "u"));
    assertThat(allowed.passes()).isTrue();
    assertThat(allowed.check()).isEqualTo("or");
    assertThat(allowed.parts().getFirst().passes()).isFalse();
    assertThat(allowed.decisiveRoles()).containsExactly("reader");
    PolicyTrace refused = policy.explain("x:y", caller("reader"), Map.of("user_id", "other"));
    assertThat(refused.passes()).isFalse();
    assertThat(refused.decisiveRoles()).isEmpty();
    assertThat(refused.parts().get(1).parts().get(1).detail())
        .isEqualTo("caller: u, target: other");
  }
}
