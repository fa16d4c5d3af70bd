package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.app.Requests.Call;
import cloud.lastmile.app.Requests.Request;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Text that is no text, numbers without end, huge and deep bodies, wrong types: in every field of
 * every request, in every parameter of every path, in every query of every list. Each is answered,
 * never by the server's fault, and text is stored as it was sent or refused.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OddInputTest {
  private static final TestCloud CLOUD = TestCloud.shared();
  private static final Requests REQUESTS = Requests.of(CLOUD);
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** Stands for the odd value until the body is text. */
  private static final String PLACE = "the-odd-value-goes-here";

  /** In JSON. No text at all, by RFC 8259's own warning: refused, in whatever field. */
  private static final Map<String, String> NO_TEXT =
      Map.of(
          "NUL", "\"a\\u0000b\"",
          "first half of a pair", "\"a\\ud800b\"",
          "second half of a pair", "\"\\udc00\"");

  /** In JSON. Refused or taken, as the field is. */
  private static final Map<String, String> ODD = odd();

  /** In paths and queries. */
  private static final Map<String, String> ENCODED =
      Map.of(
          "NUL",
          "a%00b",
          "half a pair",
          "a%ED%A0%80",
          "no UTF-8",
          "%FF",
          "endless",
          "9".repeat(400),
          "a face",
          "%F0%9F%98%80",
          "a bracket",
          "(",
          "a pattern of another dialect",
          "%5Cp%7BL%7D",
          "a pattern of a third",
          "a*%2B");

  /** What lists of some service know beside their things' attributes. */
  private static final List<String> QUERIES =
      List.of(
          "limit",
          "marker",
          "sort_key",
          "sort",
          "fields",
          "changes-since",
          "tags",
          "ip",
          "resources",
          "required",
          "member_of",
          "in_tree",
          "since",
          "start",
          "visibility");

  private final SweptTenant tenant;

  OddInputTest() throws Exception {
    tenant = SweptTenant.make(CLOUD, REQUESTS, "odd-" + CLOUD.numbers().incrementAndGet(), "admin");
  }

  private static Map<String, String> odd() {
    Map<String, String> odd = new LinkedHashMap<>();
    odd.put("null", "null");
    odd.put("-1", "-1");
    odd.put("20 digits", "99999999999999999999");
    odd.put("a huge exponent", "1e999999999");
    odd.put("a long text", "\"" + "x".repeat(70_000) + "\"");
    odd.put("control characters", "\"\\u0001\\n\\u007f\\u2028%00\"");
    odd.put("an array", "[]");
    odd.put("an object", "{}");
    odd.put("arrays in arrays", "[".repeat(400) + "]".repeat(400));
    odd.put("an array of objects", "[{\"id\": {}}, null, 1]");
    odd.put("NUL in a name", "{\"a\\u0000b\": \"x\"}");
    return odd;
  }

  @TestFactory
  List<DynamicTest> everyFieldBearsEverything() {
    return REQUESTS.all().stream()
        .filter(request -> !request.body().isEmpty() && !request.is("await"))
        .filter(request -> !request.is("octet"))
        .map(request ->
            DynamicTest.dynamicTest(request.name() + " " + request.body(), () -> fields(request)))
        .toList();
  }

  private void fields(Request request) {
    List<String> wrong = new ArrayList<>();
    for (String body : places(request)) {
      NO_TEXT.forEach((name, value) -> {
        Answer answer = send(request, body, value);
        if (failed(answer) || (answer.status() / 100 == 2 && !borne(name, answer))) {
          wrong.add(told(name, body, answer));
        }
      });
      ODD.forEach((name, value) -> {
        Answer answer = send(request, body, value);
        if (failed(answer)) {
          wrong.add(told(name, body, answer));
        }
      });
    }
    assertThat(wrong).isEmpty();
  }

  private static boolean failed(Answer answer) {
    return answer.status() / 100 == 5 && answer.status() != 501;
  }

  /** NUL is text, where PostgreSQL need not hold it; it may not be left out. */
  private static boolean borne(String name, Answer answer) {
    return name.equals("NUL") && !answer.text().matches("(?s).*\"a[?\ufffd]?b\".*");
  }

  private static String told(String name, String body, Answer answer) {
    String text = answer.text();
    return name
        + " in "
        + body
        + ": "
        + answer.status()
        + " "
        + text.substring(0, Math.min(300, text.length()));
  }

  /** The body once for each value in it, with the place marked. */
  private List<String> places(Request request) {
    JsonNode whole =
        MAPPER.readTree(tenant.filled(request.body(), tenant.things(), tenant.number()));
    List<String> places = new ArrayList<>();
    walk(whole, "", places);
    return places.stream().map(place -> marked(request, place)).toList();
  }

  private static void walk(JsonNode node, String place, List<String> places) {
    if (!place.isEmpty()) {
      places.add(place);
    }
    if (node.isObject()) {
      node.properties()
          .forEach(one ->
              walk(
                  one.getValue(),
                  place + "/" + one.getKey().replace("~", "~0").replace("/", "~1"),
                  places));
    } else if (node.isArray() && !node.isEmpty()) {
      walk(node.get(0), place + "/0", places);
    }
  }

  private String marked(Request request, String place) {
    JsonNode body =
        MAPPER.readTree(tenant.filled(request.body(), tenant.things(), tenant.number()));
    int cut = place.lastIndexOf('/');
    JsonNode parent = cut == 0 ? body : body.at(place.substring(0, cut));
    String last = place.substring(cut + 1).replace("~1", "/").replace("~0", "~");
    if (parent.isObject()) {
      parent.asObject().put(last, PLACE);
    } else {
      parent.asArray().set(Integer.parseInt(last), PLACE);
    }
    return body.toString();
  }

  /** Logins come from an address of their own: too many are refused, and others log in here too. */
  private Answer send(Request request, String body, String value) {
    TestingHttp admin = tenant.admin();
    TestingHttp http =
        request.path().matches(".*/(auth|ec2tokens|s3tokens|password|OS-OAUTH2).*")
            ? admin.from("127.0.0.77")
            : admin;
    String path = tenant.filled(request.path(), tenant.things(), tenant.number());
    return tenant.send(http, request, path, body.replace("\"" + PLACE + "\"", value));
  }

  /** As many elements as a body of a mebibyte holds are too many, wherever there may be many. */
  @TestFactory
  List<DynamicTest> everyArrayIsBounded() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Request request : REQUESTS.all()) {
      if (request.body().contains("[") && !request.is("await")) {
        tests.add(
            DynamicTest.dynamicTest(request.name() + " " + request.body(), () -> arrays(request)));
      }
    }
    return tests;
  }

  private void arrays(Request request) {
    JsonNode whole =
        MAPPER.readTree(tenant.filled(request.body(), tenant.things(), tenant.number()));
    List<String> places = new ArrayList<>();
    walk(whole, "", places);
    List<String> wrong = new ArrayList<>();
    for (String place : places) {
      JsonNode array = whole.at(place);
      if (array.isArray() && !array.isEmpty()) {
        for (String element : List.of(array.get(0).toString(), "\"e-#\"")) {
          StringBuilder many = new StringBuilder("[");
          int count = 0;
          while (many.length() < 1_000_000) {
            many.append(count == 0 ? "" : ",").append(element.replace("#", "" + count++));
          }
          Answer answer = send(request, marked(request, place), many.append("]").toString());
          if (answer.status() / 100 != 4) {
            wrong.add(told(count + " of " + element, place, answer));
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @TestFactory
  List<DynamicTest> everyPathBearsEverything() {
    return REQUESTS.calls().stream()
        .filter(call -> call.route().path().contains("{"))
        .map(call -> DynamicTest.dynamicTest(call.name(), () -> paths(call)))
        .toList();
  }

  private void paths(Call call) {
    TestingHttp http = SweptTenant.versioned(tenant.admin(), call);
    List<String> wrong = new ArrayList<>();
    String[] segments = call.template().split("/", -1);
    for (int odd = 0; odd < segments.length; odd++) {
      if (segments[odd].startsWith("{")) {
        String path = tenant.path(call, odd, "#").replaceAll("\\{[^}]*}", "none");
        ENCODED.forEach((name, value) -> {
          boolean reads = Set.of("GET", "DELETE").contains(call.route().method());
          Answer answer =
              http.send(call.route().method(), path.replace("#", value), reads ? null : "{}");
          boolean unsaid =
              answer.text().isEmpty()
                  && answer.status() >= 400
                  && !call.route().method().equals("HEAD");
          if (failed(answer) || unsaid) {
            wrong.add(told(name, path, answer));
          }
        });
      }
    }
    assertThat(wrong).isEmpty();
  }

  @TestFactory
  List<DynamicTest> everyQueryBearsEverything() {
    return REQUESTS.calls().stream()
        .filter(call -> call.route().method().equals("GET"))
        .filter(call -> !call.template().contains("/schemas/"))
        .map(call -> DynamicTest.dynamicTest(call.name(), () -> queries(call)))
        .toList();
  }

  private void queries(Call call) {
    TestingHttp http = SweptTenant.versioned(tenant.admin(), call);
    String path = tenant.path(call).orElse("");
    Answer plain = path.isEmpty() ? null : http.get(path);
    if (plain == null || !plain.header("Content-Type").startsWith("application/json")) {
      return;
    }
    Set<String> names = new TreeSet<>();
    for (JsonNode member : plain.json()) {
      if (member.isArray()) {
        names.addAll(QUERIES);
        if (member.path(0).isObject()) {
          names.addAll(member.path(0).propertyNames());
        }
      }
    }
    names.removeIf(name -> !name.matches("[A-Za-z_.:-]+"));
    names.add("x");
    List<String> wrong = new ArrayList<>();
    for (String name : names) {
      ENCODED.forEach((odd, value) -> {
        String asked = path + "?" + name + "=" + value;
        Answer answer = http.get(asked);
        if (failed(answer) || answer.text().isEmpty()) {
          wrong.add(told(odd, asked, answer));
        }
      });
    }
    assertThat(wrong).isEmpty();
  }
}
