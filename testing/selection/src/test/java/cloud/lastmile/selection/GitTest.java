package cloud.lastmile.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read from real repositories, complete and incomplete ones. */
class GitTest {
  @TempDir private Path directory;
  private Path root;
  private Git git;
  private String first;

  @BeforeEach
  void makeRepository() throws Exception {
    root = Files.createDirectory(directory.resolve("root"));
    run(root, "init", "-q", "-b", "main");
    first = commit("kept", "moved", "removed", "un weißes\tname");
    git = new Git(root);
  }

  private static void run(Path where, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=t", "-c", "user.email=t@example.org"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).directory(where.toFile()).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", arguments)).isZero();
  }

  private String commit(String... files) throws Exception {
    for (String file : files) {
      Files.writeString(root.resolve(file), file + System.nanoTime());
    }
    run(root, "add", "-A");
    run(root, "commit", "-q", "--allow-empty", "-m", "x");
    return new Git(root).head();
  }

  @Test
  void everyFileThatDiffersIsNamed() throws Exception {
    commit("committed");
    run(root, "mv", "moved", "elsewhere");
    Files.delete(root.resolve("removed"));
    Files.writeString(root.resolve("un weißes\tname"), "changed");
    Files.writeString(root.resolve(".gitignore"), "ignored\n");
    Files.writeString(root.resolve("ignored"), "");
    Files.createDirectories(root.resolve("new"));
    Files.writeString(root.resolve("new/file"), "");
    assertThat(git.changedSince(first).orElseThrow())
        .containsExactlyInAnyOrder(
            "committed",
            "moved",
            "elsewhere",
            "removed",
            "un weißes\tname",
            ".gitignore",
            "new/file");
  }

  @Test
  void whatWasUndoneDoesNotDiffer() throws Exception {
    commit("kept");
    run(root, "revert", "--no-edit", "HEAD");
    assertThat(git.changedSince(first).orElseThrow()).isEmpty();
    assertThat(git.commitsSince(first)).hasValue(2);
  }

  @Test
  void aCommitOfAnotherBranchIsNoBase() throws Exception {
    run(root, "checkout", "-q", "-b", "side");
    String side = commit("side");
    run(root, "checkout", "-q", "main");
    assertThat(git.changedSince(side)).isEmpty();
    assertThat(git.commitsSince(side)).isEmpty();
    for (String nonsense : List.of("f".repeat(40), "main", "HEAD", "", "--output=x")) {
      assertThat(git.changedSince(nonsense)).as(nonsense).isEmpty();
    }
  }

  @Test
  void ofAShallowCloneOnlyItsOwnCommitsAreKnown() throws Exception {
    String second = commit("kept");
    run(directory, "clone", "-q", "--depth", "1", "file://" + root, "shallow");
    Git shallow = new Git(directory.resolve("shallow"));
    assertThat(shallow.changedSince(first)).isEmpty();
    assertThat(shallow.changedSince(second).orElseThrow()).isEmpty();
  }

  @Test
  void whereThereIsNoRepositoryNothingIsKnown() {
    Git none = new Git(directory);
    assertThat(none.changedSince(first)).isEmpty();
    assertThat(none.clean()).isEmpty();
    assertThat(none.commits()).isZero();
  }

  @Test
  void onlyACommitsOwnTreeIsClean() throws Exception {
    assertThat(git.clean()).contains(first);
    Files.createDirectories(root.resolve("testing"));
    Files.writeString(root.resolve(Flakes.FILE), "");
    Files.writeString(root.resolve(Ledger.FILE), "");
    assertThat(git.clean()).contains(first);
    Files.writeString(root.resolve("untracked"), "");
    assertThat(git.clean()).isEmpty();
  }
}
