package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.http.Route;
import cloud.lastmile.testing.TestingHttp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Who gets what from every route of identity: {@code docs/identity-personas.txt}, compared with the
 * reference's published policy. {@code -Dgolden.write=true} rewrites the file; a change of a rule
 * shows in its diff.
 */
class PersonasTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final Path FILE =
      Path.of(System.getProperty("lastmile.root", "."), "docs", "identity-personas.txt");
  private static final Path PUBLISHED = FILE.resolveSibling("identity-policy-published.txt");
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");

  /** They are about another token, which other tests show, or make one. */
  private static final Set<String> ELSEWHERE =
      Set.of("/v3/auth/tokens", "/v3/OS-OAUTH2/token", "/v3/ec2tokens", "/v3/s3tokens");

  /** Where users of other providers log in, which needs no token of ours. */
  private static final Pattern LOGIN = Pattern.compile("/websso|/protocols/\\{protocol_id}/auth$");

  /** Where the user owns what the path names. */
  private static final Pattern SECRETS =
      Pattern.compile("/(application_credentials|access_rules|OS-EC2)");

  private static final String HEADER =
      """
      # What each persona gets from each route of identity. What is acted on belongs to the domain of
      # d-* (scoped to it) and to the project of p-* (scoped to it); s-* are scoped to the system.
      # nobody has a token without scope. 404 of the administrator: the test does not make the thing.
      """;

  @Test
  void everyPersonaGetsWhatTheTableSays() throws Exception {
    PersonaFixtures fixtures = new PersonaFixtures(IDENTITY);
    Map<String, TestingHttp> personas = personas(fixtures);
    List<Route> routes =
        IDENTITY.service().api().routes().stream()
            .filter(route -> route.path().startsWith("/v3/"))
            .filter(route -> !ELSEWHERE.contains(route.path()))
            .filter(route -> !LOGIN.matcher(route.path()).find())
            .sorted(Comparator.comparing(Route::path).thenComparing(Route::method))
            .toList();
    Set<String> puts =
        routes.stream()
            .filter(route -> route.method().equals("PUT"))
            .map(Route::path)
            .collect(Collectors.toSet());
    List<String> lines = new ArrayList<>();
    List<PublishedPolicy.Row> rows = new ArrayList<>();
    Set<String> silent = new TreeSet<>();
    String names = String.join(" ", personas.keySet());
    lines.add("# " + names);
    for (Route route : routes) {
      boolean related = puts.contains(route.path()) && !route.method().equals("PUT");
      List<String> statuses = new ArrayList<>();
      Request request = prepared(fixtures, route, related);
      for (TestingHttp persona : personas.values()) {
        long events = events();
        int status = persona.send(route.method(), request.url(), request.body()).status();
        statuses.add(Integer.toString(status));
        if (status < 300 && !reads(route)) {
          if (events() == events) {
            silent.add(route.method() + " " + route.path());
          }
          // What was acted on is no longer what it was.
          request = prepared(fixtures, route, related);
        }
      }
      String shown = "%-6s %s".formatted(route.method(), route.path());
      lines.add(String.join(" ", statuses) + "  " + shown);
      rows.add(new PublishedPolicy.Row(route.rule().name(), shown, statuses));
    }
    assertThat(silent).as("changes of which no event tells").isEmpty();
    String text = HEADER + String.join("\n", lines) + "\n";
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(FILE, text);
    }
    assertThat(text).isEqualTo(Files.readString(FILE));
    PublishedPolicy.read(PUBLISHED).requireSame(List.copyOf(personas.keySet()), rows);
  }

  /** How many changes were told; logins are told a little later. */
  private static long events() {
    return IDENTITY
        .database()
        .database()
        .read(handle ->
            handle
                .createQuery(
                    "SELECT count(*) FROM work.event WHERE type <> 'identity.authenticate'")
                .mapTo(Long.class)
                .one());
  }

  private record Request(String url, @Nullable String body) {}

  private static boolean reads(Route route) {
    return route.method().equals("GET") || route.method().equals("HEAD");
  }

  /**
   * A request that succeeds if it is allowed.
   *
   * @param related whether a PUT of the same path makes what the request is about
   */
  private static Request prepared(PersonaFixtures fixtures, Route route, boolean related) {
    Matcher matcher = PARAMETER.matcher(route.path());
    StringBuilder path = new StringBuilder();
    while (matcher.find()) {
      matcher.appendReplacement(
          path, Matcher.quoteReplacement(value(fixtures, route, matcher.group(1))));
    }
    matcher.appendTail(path);
    String url = path.toString();
    if (route.path().equals("/v3/regions/{region_id}") && route.method().equals("PUT")) {
      url = "/v3/regions/" + unique("region");
    }
    if (route.path().contains("/config")) {
      fixtures.configure();
    }
    if (related) {
      fixtures.admin().send("PUT", url, fixtures.body("PUT", route.path()).orElse(""));
    }
    boolean sends = !reads(route) && !route.method().equals("DELETE");
    return new Request(url, sends ? fixtures.body(route.method(), route.path()).orElse("") : null);
  }

  private static String value(PersonaFixtures fixtures, Route route, String name) {
    if (name.equals("role_id") && !route.path().startsWith("/v3/roles")) {
      return IDENTITY.roleId("reader");
    }
    if (route.method().equals("DELETE") && route.path().equals("/v3/domains/{domain_id}")) {
      return fixtures.disabledDomain();
    }
    if (name.equals("idp_id") && route.path().contains("/protocols")) {
      return fixtures.provider();
    }
    if (name.equals("user_id") && SECRETS.matcher(route.path()).find()) {
      return fixtures.secrets().userId();
    }
    if (name.equals("credential_id")) {
      boolean ec2 = route.path().contains("OS-EC2");
      return ec2 ? fixtures.secrets().ec2() : fixtures.secrets().credential();
    }
    return reads(route) ? fixtures.same(name) : fixtures.fresh(name);
  }

  private static Map<String, TestingHttp> personas(PersonaFixtures fixtures) {
    Map<String, TestingHttp> personas = new LinkedHashMap<>();
    personas.put("admin", fixtures.admin());
    for (String role : List.of("admin", "manager", "member", "reader")) {
      personas.put(
          "d-" + role,
          persona(
              fixtures,
              "/v3/domains/" + fixtures.home(),
              role,
              "{\"domain\": {\"id\": \"" + fixtures.home() + "\"}}"));
    }
    for (String role : List.of("admin", "manager", "member", "reader", "service")) {
      personas.put(
          role.equals("service") ? role : "p-" + role,
          persona(
              fixtures,
              "/v3/projects/" + fixtures.project(),
              role,
              "{\"project\": {\"id\": \"" + fixtures.project() + "\"}}"));
    }
    for (String role : List.of("admin", "member", "reader")) {
      personas.put(
          "s-" + role, persona(fixtures, "/v3/system", role, "{\"system\": {\"all\": true}}"));
    }
    String name = unique("nobody");
    fixtures.newUser(name);
    personas.put(
        "nobody", IDENTITY.with(IDENTITY.token(name, PASSWORD, fixtures.home(), "\"unscoped\"")));
    return personas;
  }

  private static TestingHttp persona(
      PersonaFixtures fixtures, String target, String role, String scope) {
    String name = unique("persona");
    String user = fixtures.newUser(name);
    fixtures
        .admin()
        .put(target + "/users/" + user + "/roles/" + IDENTITY.roleId(role), "")
        .expect(204);
    return IDENTITY.with(IDENTITY.token(name, PASSWORD, fixtures.home(), scope));
  }
}
