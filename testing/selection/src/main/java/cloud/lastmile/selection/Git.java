package cloud.lastmile.selection;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** The repository at a directory. Whatever git refuses is not known. */
final class Git implements History {
  private final Path root;

  Git(Path root) {
    this.root = root;
  }

  private Optional<String> git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", root.toString()));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.of(output) : Optional.empty();
    } catch (IOException absent) {
      return Optional.empty();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private boolean isAncestor(String commit) {
    return commit.matches("[0-9a-f]{40,64}")
        && git("merge-base", "--is-ancestor", commit, "HEAD").isPresent();
  }

  @Override
  public Optional<Set<String>> changedSince(String commit) {
    if (!isAncestor(commit)) {
      return Optional.empty();
    }
    Optional<String> differing = git("diff", "--name-only", "-z", "--no-renames", commit, "--");
    Optional<String> untracked = git("ls-files", "-z", "--others", "--exclude-standard");
    if (differing.isEmpty() || untracked.isEmpty()) {
      return Optional.empty();
    }
    Set<String> files = new TreeSet<>();
    for (String file : (differing.get() + untracked.get()).split("\0", -1)) {
      if (!file.isEmpty()) {
        files.add(file);
      }
    }
    return Optional.of(files);
  }

  @Override
  public OptionalInt commitsSince(String commit) {
    return isAncestor(commit) ? count(commit + "..HEAD") : OptionalInt.empty();
  }

  @Override
  public int commits() {
    return count("HEAD").orElse(0);
  }

  private OptionalInt count(String range) {
    return git("rev-list", "--count", range)
        .map(count -> OptionalInt.of(Integer.parseInt(count.strip())))
        .orElse(OptionalInt.empty());
  }

  /** The commit whose tree the working tree is, but for the ledgers; empty if it differs. */
  Optional<String> clean() {
    return git(
            "status",
            "--porcelain",
            "--untracked-files=all",
            "--",
            ":(exclude)" + Ledger.FILE,
            ":(exclude)" + Flakes.FILE)
        .filter(String::isEmpty)
        .map(nothing -> head())
        .filter(commit -> !commit.isEmpty());
  }

  String head() {
    return git("rev-parse", "HEAD").orElse("").strip();
  }
}
