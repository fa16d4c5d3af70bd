package cloud.lastmile.app;

import cloud.lastmile.app.demo.ApiClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lastmile keys}: new keys for a running cloud. */
@Command(
    name = "keys",
    description = "The keys that sign tokens and encrypt credentials.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = KeysCommand.Rotate.class)
final class KeysCommand {
  @ParentCommand private Main main;

  /** What has keys. */
  enum Kind {
    tokens,
    credentials
  }

  /** Nothing that was signed or encrypted before is lost. */
  @Command(
      name = "rotate",
      description = "Makes a new key now; what the older ones signed or encrypted stays good.")
  static final class Rotate implements Callable<Integer> {
    @ParentCommand private KeysCommand keys;

    @Parameters(index = "0", paramLabel = "KIND", description = "One of: ${COMPLETION-CANDIDATES}.")
    private Kind kind;

    @Override
    public Integer call() throws IOException, InterruptedException {
      DataDirectory data = keys.main.data();
      DataDirectory.Running running =
          data.running().orElseThrow(() -> new CommandFailure("no cloud runs on " + data.root()));
      OwnListener listener = OwnListener.of(data, running);
      ApiClient.login(listener.url(), listener.http().build(), data.adminPassword())
          .post("/identity/v3/lastmile/keys/" + kind, ApiClient.object());
      System.out.println(
          kind == Kind.tokens
              ? "A new key signs tokens in a minute, when every node knows it."
              : "Credentials are encrypted with a new key.");
      return 0;
    }
  }
}
