package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.testing.RawHttp;
import cloud.lastmile.testing.RawHttp.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.json.JsonMapper;

/** Sends every line of {@code odd-requests.txt} to a route of every service. */
class OddRequestsTest {
  private static final TestCloud CLOUD = TestCloud.shared();
  private static final Pattern ESCAPE = Pattern.compile("\\\\(x[0-9a-f]{2}|[rnt\\\\])");
  private static final Pattern BIG = Pattern.compile("\\{big:([0-9]+)}");
  private static final Pattern FIELDS = Pattern.compile("\\{fields:([0-9]+)}");

  private record Odd(String name, String expected, String octets) {

    String octets(String path, String token) {
      String text = BIG.matcher(octets).replaceAll(m -> "a".repeat(Integer.parseInt(m.group(1))));
      text =
          FIELDS
              .matcher(text)
              .replaceAll(m -> "X-Odd: a\\\\r\\\\n".repeat(Integer.parseInt(m.group(1))));
      text =
          ESCAPE
              .matcher(text)
              .replaceAll(m -> Matcher.quoteReplacement(String.valueOf(unescaped(m.group(1)))));
      return text.replace("{head}", "Host: cloud.example\r\n{token}")
          .replace("{token}", "X-Auth-Token: " + token + "\r\nAccept: application/json\r\n")
          .replace("{token:lf}", "X-Auth-Token: " + token + "\n")
          .replace("{path}", path);
    }

    private static char unescaped(String escape) {
      return switch (escape.charAt(0)) {
        case 'r' -> '\r';
        case 'n' -> '\n';
        case 't' -> '\t';
        case '\\' -> '\\';
        default -> (char) Integer.parseInt(escape.substring(1), 16);
      };
    }
  }

  private static List<Odd> corpus() throws IOException {
    InputStream file = OddRequestsTest.class.getResourceAsStream("/odd-requests.txt");
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Objects.requireNonNull(file), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split("\\|", 3))
          .map(parts -> new Odd(parts[0].strip(), parts[1].strip(), parts[2].strip()))
          .toList();
    }
  }

  /** A list of the service's, or what else can be read without naming something. */
  private static String path(ServiceApi service) {
    return service.routes().stream()
        .filter(route -> route.method().equals("GET") && !route.path().contains("{"))
        .filter(route -> route.min() == null)
        .sorted((one, other) ->
            Boolean.compare(
                one.rule().equals(PolicyRule.PUBLIC), other.rule().equals(PolicyRule.PUBLIC)))
        .map(Route::path)
        .findFirst()
        .map(path -> service.prefix() + path)
        .orElseThrow();
  }

  @TestFactory
  List<DynamicTest> everyServiceBearsTheWorld() throws IOException {
    URI base = URI.create(CLOUD.url());
    String token = CLOUD.adminToken();
    List<DynamicTest> tests = new ArrayList<>();
    List<Odd> corpus = corpus();
    for (ServiceApi service : CLOUD.apis()) {
      String path = path(service);
      int plain = RawHttp.exchange(base, corpus.getFirst().octets(path, token)).getFirst().status();
      for (Odd odd : corpus) {
        tests.add(
            DynamicTest.dynamicTest(
                service.name() + ": " + odd.name(),
                () -> {
                  List<Answer> answers = RawHttp.exchange(base, odd.octets(path, token));
                  check(service, odd, plain, answers);
                }));
      }
    }
    return tests;
  }

  private static void check(ServiceApi service, Odd odd, int plain, List<Answer> answers) {
    String shown = odd.octets() + "\n" + shown(answers);
    boolean own = odd.expected().endsWith(" own");
    String expected = odd.expected().replace(" own", "");
    if (expected.equals("none or 400")) {
      assertThat(answers.stream().map(Answer::status).toList())
          .as(shown)
          .isIn(List.of(), List.of(400));
    } else if (expected.equals("ok or 400")) {
      assertThat(answers).as(shown).hasSize(1);
      assertThat(answers.getFirst().status()).as(shown).isIn(plain, 400);
    } else {
      boolean open = expected.endsWith(" ...");
      List<Integer> statuses = new ArrayList<>();
      for (String word : expected.replace(" ...", "").split(" ", -1)) {
        statuses.add(word.equals("ok") ? plain : Integer.parseInt(word));
      }
      assertThat(answers).as(shown).hasSizeGreaterThanOrEqualTo(statuses.size());
      List<Integer> got = answers.stream().map(Answer::status).toList();
      assertThat(open ? got.subList(0, statuses.size()) : got).as(shown).isEqualTo(statuses);
    }
    for (Answer answer : answers) {
      assertThat(answer.status()).as(shown).isNotEqualTo(500);
      if (answer.status() >= 400 && !odd.octets().startsWith("HEAD ")) {
        assertThat(answer.text()).as(shown).isNotBlank();
        assertThat(answer.header("content-type")).as(shown).isNotBlank();
        assertThat(answer.header("x-openstack-request-id")).as(shown).startsWith("req-");
        if (own) {
          // Where the head was not read, what the client accepts is not known.
          assertThat(keys(answer.text()))
              .as(shown)
              .isIn(keys(service, "application/json"), keys(service, "*/*"));
        }
      }
    }
  }

  /** How the service's own faults are built. */
  private static List<String> keys(ServiceApi service, String accept) {
    ApiResponse own =
        service.faults().render(ApiException.notFound("x"), "req-x", Optional.of(accept));
    return switch (own.body()) {
      case ApiResponse.Body.Tree tree -> keys(tree.node().toString());
      case ApiResponse.Body.Bytes bytes ->
          keys(new String(bytes.content(), StandardCharsets.UTF_8));
      default -> List.of();
    };
  }

  private static List<String> keys(String json) {
    if (json.startsWith("<html>")) {
      return List.of("html");
    }
    List<String> names =
        new ArrayList<>(JsonMapper.builder().build().readTree(json).propertyNames());
    // Compute names the fault by its kind.
    names.replaceAll(name ->
        List.of("badRequest", "itemNotFound", "badMethod", "notImplemented").contains(name)
            ? "computeFault"
            : name);
    return names;
  }

  private static String shown(List<Answer> answers) {
    StringBuilder text = new StringBuilder();
    answers.forEach(
        answer -> text.append(answer.status()).append(' ').append(answer.text()).append('\n'));
    return text.toString();
  }
}
