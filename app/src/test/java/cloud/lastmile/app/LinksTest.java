package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Whoever comes by a proxy finds in every answer only addresses that lead back through it. */
class LinksTest {
  private static final TestCloud CLOUD = TestCloud.shared();
  private static final String FRONT = "https://cloud.example.net:8443/openstack";
  private static final Pattern ADDRESS = Pattern.compile("https?://[^\\s\"'<>\\\\]+");

  /** Addresses that are other people's, as a provider's, or a schema's name. */
  private static final Pattern FOREIGN =
      Pattern.compile(
          "https?://(json-schema|specs.openstack|docs.openstack|www\\.w3|schemas.dmtf)\\..*");

  private static TestingHttp behindProxy() throws IOException {
    return CLOUD
        .admin()
        .with("X-Forwarded-Proto", "https")
        .with("X-Forwarded-Host", "cloud.example.net:8443")
        .with("X-Forwarded-Prefix", "/openstack");
  }

  /** The catalog shows what is stored; it does not depend on who asks. */
  private static boolean isStored(ServiceApi service, String path) {
    return service.name().equals("identity")
        && path.matches("/v3/(auth/catalog|endpoints|auth/tokens|regions|OS-FEDERATION.*)");
  }

  @TestFactory
  List<DynamicTest> everyLinkLeadsBackThroughTheProxy() throws IOException {
    TestingHttp http = behindProxy();
    Map<String, String> things = made(http);
    List<DynamicTest> tests = new ArrayList<>();
    for (ServiceApi service : CLOUD.apis()) {
      for (Route route : service.routes()) {
        String path =
            service.prefix()
                + route.path().replaceAll("\\{[^}]*}", things.getOrDefault(service.name(), "none"));
        if (route.method().equals("GET") && !isStored(service, route.path())) {
          tests.add(DynamicTest.dynamicTest("GET " + path, () -> check(http.get(path))));
        }
      }
    }
    return tests;
  }

  /** A thing with links in each service. */
  private static Map<String, String> made(TestingHttp http) {
    Answer image =
        http.post(
            "/image/v2/images",
            """
            {"name": "links", "disk_format": "raw", "container_format": "bare"}\
            """);
    Answer flavor =
        http.post(
            "/compute/v2.1/flavors",
            """
            {"flavor": {"name": "links-%s", "vcpus": 1, "ram": 64, "disk": 1}}\
            """
                .formatted(UUID.randomUUID()));
    Answer network = http.post("/networking/v2.0/networks", "{\"network\": {\"name\": \"links\"}}");
    Answer project =
        http.post(
            "/identity/v3/projects",
            "{\"project\": {\"name\": \"links-%s\"}}".formatted(UUID.randomUUID()));
    return Map.of(
        "image",
        image.expect(201).json().at("/id").asString(),
        "compute",
        flavor.expect(200).json().at("/flavor/id").asString(),
        "network",
        network.expect(201).json().at("/network/id").asString(),
        "identity",
        project.expect(201).json().at("/project/id").asString());
  }

  private static void check(Answer answer) {
    Set<String> links = new LinkedHashSet<>();
    Matcher found = ADDRESS.matcher(answer.text() + " " + answer.header("Location"));
    while (found.find()) {
      if (!FOREIGN.matcher(found.group()).matches()) {
        links.add(found.group());
      }
    }
    for (String link : links) {
      assertThat(link).as(answer.text()).startsWith(FRONT + "/");
    }
    assertThat(answer.header("WWW-Authenticate")).doesNotContain("127.0.0.1");
  }

  @Test
  void whatWasMadeIsFoundWhereItsLocationSays() throws IOException {
    TestingHttp http = behindProxy();
    String unique = UUID.randomUUID().toString().replace("-", "");
    List<Answer> made =
        List.of(
            http.post("/image/v2/images", "{\"name\": \"located\"}"),
            http.post(
                "/image/v2/metadefs/namespaces", "{\"namespace\": \"located-" + unique + "\"}"),
            http.post("/placement/resource_providers", "{\"name\": \"located-" + unique + "\"}"),
            http.with("OpenStack-API-Version", "placement 1.6")
                .put("/placement/traits/CUSTOM_" + unique.toUpperCase(java.util.Locale.ROOT), "{}"),
            http.with("OpenStack-API-Version", "placement 1.7")
                .put(
                    "/placement/resource_classes/CUSTOM_"
                        + unique.toUpperCase(java.util.Locale.ROOT),
                    "{}"));
    for (Answer answer : made) {
      assertThat(answer.status()).as(answer.text()).isIn(201, 200, 204);
      assertThat(answer.header("Location")).startsWith(FRONT + "/");
      // The proxy may leave its prefix where it was.
      String path = answer.header("Location").substring("https://cloud.example.net:8443".length());
      assertThat(http.with("OpenStack-API-Version", "placement 1.7").get(path).status())
          .as(path)
          .isIn(200, 204);
    }
  }

  @Test
  void theCatalogNamesNoWildcard() throws IOException {
    JsonNode catalog = CLOUD.admin().get("/identity/v3/auth/catalog").expect(200).json();
    assertThat(catalog.toString()).contains(CLOUD.url()).doesNotContain("0.0.0.0");
  }

  @Test
  void whoIsNoProxyIsNotBelieved() throws IOException {
    Answer refused =
        CLOUD
            .anonymous()
            .with("X-Forwarded-Host", "evil\"onmouseover=x")
            .get("/compute/v2.1/servers")
            .expect(401);
    assertThat(refused.header("WWW-Authenticate")).contains(CLOUD.url());
  }
}
