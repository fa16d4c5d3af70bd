package cloud.lastmile.platform.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.config.SavedFile;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.testing.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PolicyFileTest {
  private static final PolicyRule CREATE = new PolicyRule("compute:create", "role:member");
  private static final PolicyWatch.Patience SHORT =
      new PolicyWatch.Patience(
          Duration.ofMillis(200), Duration.ofSeconds(2), Duration.ofMillis(200));
  private static final List<PolicyRule> RULES =
      List.of(CREATE, new PolicyRule("compute:list", "role:reader"));

  /** Would take a missing file for a removed one at once. */
  private static final PolicyWatch.Patience HASTE =
      new PolicyWatch.Patience(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(1));

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
  void aMissingFileAndOneThatSaysSoOverrideNothing() throws IOException {
    PolicyFile missing = new PolicyFile(directory.resolve("none.yaml"), RULES);
    assertThat(missing.load().effective()).containsEntry("compute:create", "role:member");
    assertThat(file("rules: {}\n").load().effective()).hasSize(2);
    assertThat(file("rules: {}\n...\n").load().effective()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# nothing\n", "---\n", "...\n", "rules:\n", "{}", "rules"})
  void whatHasNoRulesAndDoesNotSaySoIsRefused(String text) throws IOException {
    PolicyFile file = file(text);
    assertThatThrownBy(file::load).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void textThatIsNoneIsCalledSo() throws IOException {
    Path path = directory.resolve("policy.yaml");
    Files.write(path, new byte[] {'r', (byte) 0xff, '\n'});
    assertThatThrownBy(new PolicyFile(path, RULES)::load)
        .hasMessageContaining("policy.yaml is not text in UTF-8");
  }

  /** Wherever the writing stopped, at a start too: a part is refused, or has all that was there. */
  @Test
  void noPartOfAFileIsTakenForIt() throws IOException {
    String former = "rules:\n  compute:create: role:former\n  compute:list: \"!\"\n";
    String next = "# new\nrules:\n  compute:create: '!'\n  compute:list: role:next and role:x\n";
    for (String text : List.of(former, next)) {
      for (String end : List.of("", "...\n")) {
        file(former + "...\n").load();
        String whole = text + end;
        for (int length = 0; length < whole.length(); length++) {
          PolicyFile part = file(whole.substring(0, length));
          Map<String, String> found;
          try {
            found = part.load().effective();
          } catch (IllegalArgumentException refused) {
            continue;
          }
          assertThat(whole.substring(0, length)).contains("compute:create", "compute:list");
          assertThat(found).isEqualTo(file(text).load().effective());
        }
      }
    }
  }

  @Test
  void rulesInBracesAreWholeOrNotRead() throws IOException {
    for (String text :
        List.of("# c\nrules: {'compute:list': '!'}", "{\"rules\": {\"compute:list\": \"!\"}}")) {
      for (int length = 0; length < text.length(); length++) {
        PolicyFile part = file(text.substring(0, length));
        assertThatThrownBy(part::load).isInstanceOf(IllegalArgumentException.class);
      }
      file("rules:\n  compute:create: '!'\n...\n").load();
      assertThat(file(text).load().effective())
          .containsEntry("compute:create", "role:member")
          .containsEntry("compute:list", "!");
    }
    assertThat(file("rules: {}").load().effective()).containsEntry("compute:list", "role:reader");
  }

  @Test
  void rulesGoOnlyByAFileThatSaysItIsWhole() throws IOException {
    file("rules:\n  compute:create: '!'\n  compute:list: '!'\n").load();
    assertThatThrownBy(file("rules:\n  compute:list: '!'\n")::load)
        .hasMessageContaining("no longer has compute:create")
        .hasMessageContaining("`...`");
    assertThat(file("rules:\n  compute:list: '!'\n...\n").load().effective())
        .containsEntry("compute:create", "role:member");
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
    assertMistake("rules: {}\nrules: {}\n", "2:1", "twice");
    assertMistake("rules: {}\n---\nrules: {}\n", "3:1", "another");
  }

  @Test
  void aChangeIsInForceAtOnceAndABrokenFileChangesNothing() throws Exception {
    PolicyFile file = file("rules:\n  compute:create: role:admin\n");
    AtomicReference<Policy> current = new AtomicReference<>(file.load());
    try (PolicyWatch _ = PolicyWatch.start(file, current::set, SHORT)) {
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

  /** Saves a denial anew, in all ways that leave the file empty, missing or wrong in between. */
  @Test
  void aDenialHoldsWhileItIsSaved() throws Exception {
    String denial = "rules:\n  compute:create: \"!\"\n";
    PolicyFile file = file(denial);
    List<Policy> all = new CopyOnWriteArrayList<>();
    all.add(file.load());
    try (PolicyWatch _ = PolicyWatch.start(file, all::add, SHORT)) {
      Files.writeString(file.path(), "");
      Files.writeString(file.path(), "rules:\n");
      Files.writeString(file.path(), "rules:\n  compute:create: role:x and\n");
      inPlace(file, "rules:\n  compute:list: role:one\n", "  compute:create: \"!\"\n");
      Await.until("the first", () -> all.getLast().effective().containsValue("role:one"));
      Files.move(file.path(), directory.resolve("policy.yaml~"));
      inPlace(file, "rules:\n  compute:list: role:two\n", "  compute:create: \"!\"\n");
      Await.until("the second", () -> all.getLast().effective().containsValue("role:two"));
      Files.delete(file.path());
      replace(file, denial + "  compute:list: role:three\n");
      Await.until("the third", () -> all.getLast().effective().containsValue("role:three"));
      assertThat(all)
          .allSatisfy(
              policy -> assertThat(policy.effective()).containsEntry("compute:create", "!"));
      Files.writeString(file.path(), "rules: {}\n...\n");
      Await.until(
          "none", () -> all.getLast().effective().get("compute:create").equals("role:member"));
    }
  }

  /** In two parts, with the file open between them for as long as it takes to be looked at. */
  private static void inPlace(PolicyFile file, String first, String second) throws IOException {
    try (OutputStream open = Files.newOutputStream(file.path())) {
      open.write(first.getBytes(StandardCharsets.UTF_8));
      SavedFile saved = new SavedFile(file.path());
      assertThat(saved.isSettled(saved.read().orElseThrow())).isFalse();
      open.write(second.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** As configuration management has it: the file itself is elsewhere, where nobody tells of it. */
  @Test
  void whatIsBehindALinkIsHeededAndNoLinkToNothingIsARemoval() throws Exception {
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere")).resolve("p");
    Path next = elsewhere.resolveSibling("next");
    Files.writeString(elsewhere, "rules:\n  compute:create: '!'\n");
    PolicyFile file = new PolicyFile(directory.resolve("policy.yaml"), RULES);
    Files.createSymbolicLink(file.path(), elsewhere);
    AtomicReference<Policy> current = new AtomicReference<>(file.load());
    try (PolicyWatch _ = PolicyWatch.start(file, current::set, SHORT)) {
      Files.writeString(elsewhere, "rules:\n  compute:create: role:operator\n");
      Await.until(
          "what was written behind the link is in force",
          () -> current.get().allows(CREATE, caller("operator"), Map.of()));
      Files.writeString(next, "rules:\n  compute:create: '!'\n");
      Files.move(next, elsewhere, StandardCopyOption.ATOMIC_MOVE);
      Await.until(
          "what took its place is in force",
          () -> !current.get().allows(CREATE, caller("operator"), Map.of()));
    }
    Files.delete(elsewhere);
    assertThatThrownBy(file::load).hasMessageContaining("a link to a file that is not there");
    List<Policy> all = new CopyOnWriteArrayList<>();
    try (PolicyWatch _ = PolicyWatch.start(file, all::add, HASTE)) {
      Files.writeString(next, "rules:\n  compute:create: role:operator\n");
      Files.move(next, elsewhere, StandardCopyOption.ATOMIC_MOVE);
      Await.until("the file is back", () -> !all.isEmpty());
    }
    assertThat(all.getFirst().effective()).containsEntry("compute:create", "role:operator");
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
