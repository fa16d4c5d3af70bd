package cloud.lastmile.app;

import cloud.lastmile.app.demo.ApiClient;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import tools.jackson.databind.JsonNode;

/** {@code lastmile policy}: asks a running cloud who may do what. */
@Command(
    name = "policy",
    description = "Who may do what, and why.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {PolicyCommand.Explain.class, PolicyCommand.Rules.class})
final class PolicyCommand {
  private static final String API = "/identity/v3/lastmile/policy/";

  @ParentCommand private Main main;

  private JsonNode ask(String path) throws IOException, InterruptedException {
    DataDirectory data = main.data();
    DataDirectory.Running running =
        data.running().orElseThrow(() -> new CommandFailure("no cloud runs on " + data.root()));
    OwnListener listener = OwnListener.of(data, running);
    return ApiClient.login(listener.url(), listener.http().build(), data.adminPassword())
        .get(API + path);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * Exit code 0 if the user may, 1 if not, 2 if that cannot be told: the rule, the user or the
   * target is unknown, it depends on what the target does not tell, or no cloud answers.
   */
  @Command(
      name = "explain",
      description = "Whether a user may do something, by which rule and assignment.",
      exitCodeListHeading = "Exit codes:%n",
      exitCodeList = {
        "0:the user may",
        "1:the user may not",
        "2:it cannot be told; what is unknown or missing is printed"
      })
  static final class Explain implements Callable<Integer> {
    private static final int UNKNOWN = 2;

    @ParentCommand private PolicyCommand policy;

    @Parameters(index = "0", paramLabel = "USER", description = "Name, name@domain or id.")
    private String user;

    @Parameters(
        index = "1",
        paramLabel = "ACTION",
        description = "A rule, such as identity:create_user; docs/routes.txt has them all.")
    private String action;

    @Parameters(
        index = "2",
        arity = "0..1",
        paramLabel = "TARGET",
        description =
            "project:NAME, domain:NAME, user:NAME, group:NAME or role:NAME;"
                + " the user's own scope if left out.")
    private @Nullable String target;

    @Override
    public Integer call() throws InterruptedException {
      String query = "explain?user=" + encode(user) + "&action=" + encode(action);
      JsonNode found;
      try {
        found = policy.ask(target == null ? query : query + "&target=" + encode(target));
      } catch (IOException | CommandFailure unanswered) {
        System.err.println("lastmile: " + CommandFailure.message(unanswered));
        return UNKNOWN;
      }
      JsonNode explanation = found.path("explanation");
      System.out.print(ExplanationText.of(explanation, user, target));
      return switch (explanation.path("decision").asString("")) {
        case "allowed" -> 0;
        case "refused" -> 1;
        default -> UNKNOWN;
      };
    }
  }

  /** The rules in force, those that the operator changed marked. */
  @Command(name = "rules", description = "The rules in force; * marks those of policy.yaml.")
  static final class Rules implements Callable<Integer> {
    @ParentCommand private PolicyCommand policy;

    @Parameters(
        arity = "0..1",
        paramLabel = "PREFIX",
        description = "What the names begin with, such as identity:.")
    private @Nullable String prefix;

    @Override
    public Integer call() throws IOException, InterruptedException {
      String query = prefix == null ? "rules" : "rules?name__startswith=" + encode(prefix);
      for (JsonNode rule : policy.ask(query).path("rules")) {
        String mark = rule.path("overridden").asBoolean() ? "* " : "  ";
        System.out.println(
            mark + rule.path("name").asString() + ": " + rule.path("check").asString());
      }
      return 0;
    }
  }
}
