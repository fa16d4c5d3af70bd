package cloud.lastmile.app;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What {@code lastmile policy explain} prints. */
final class ExplanationText {
  private ExplanationText() {}

  static String of(JsonNode explanation, String user, @Nullable String target) {
    StringBuilder text = new StringBuilder();
    text.append(user)
        .append(
            switch (explanation.path("decision").asString("")) {
              case "allowed" -> " may ";
              case "refused" -> " may not ";
              default -> " may or may not ";
            })
        .append(explanation.path("action").asString())
        .append(target == null ? "" : " on " + target)
        .append('\n');
    if (!explanation.path("missing_attributes").isEmpty()) {
      text.append("  it depends on ")
          .append(joined(explanation.path("missing_attributes")))
          .append(", which is not known: name a TARGET that has it\n");
    }
    if (explanation.path("untried_scopes").asInt() > 0) {
      text.append("  it was not tried in ")
          .append(explanation.path("untried_scopes").asInt())
          .append(" of the user's scopes: name a TARGET\n");
    }
    if (explanation.path("trace").isMissingNode()) {
      return text.append("  the user or its domain is disabled\n").toString();
    }
    text.append("  with a token for ").append(scope(explanation.path("scope"))).append('\n');
    text.append("  roles there: ").append(joined(explanation.path("roles"))).append('\n');
    text.append("  rule: ").append(explanation.path("check").asString()).append('\n');
    trace(text, explanation.path("trace"), "    ");
    for (JsonNode assignment : explanation.path("assignments")) {
      text.append("  role ")
          .append(assignment.at("/role/name").asString())
          .append(" by ")
          .append(assignment.at("/links/assignment").asString().replaceFirst("^.*/v3/", ""))
          .append('\n');
    }
    return text.toString();
  }

  private static String scope(JsonNode scope) {
    for (String kind : List.of("project", "domain")) {
      if (scope.has(kind)) {
        return kind + " " + scope.path(kind).path("name").asString();
      }
    }
    return scope.has("system") ? "the system" : "no scope";
  }

  private static String joined(JsonNode names) {
    List<String> all = new ArrayList<>();
    names.forEach(name -> all.add(name.asString()));
    return all.isEmpty() ? "none" : String.join(", ", all);
  }

  private static void trace(StringBuilder text, JsonNode trace, String indent) {
    text.append(indent)
        .append(trace.path("passes").asBoolean() ? "yes " : "no  ")
        .append(trace.path("check").asString());
    if (trace.has("detail")) {
      text.append("   (").append(trace.path("detail").asString()).append(')');
    }
    text.append('\n');
    trace.path("parts").forEach(part -> trace(text, part, indent + "  "));
  }
}
