package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.service.CatalogItem;
import cloud.lastmile.platform.service.ServiceProfile;
import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the list of services says of each is what the cloud does. */
class ServicesTest {
  private static final TestCloud CLOUD = TestCloud.shared();

  @Test
  void eachIsServedUnderItsName() {
    Map<String, String> prefixes =
        CLOUD.apis().stream().collect(Collectors.toMap(ServiceApi::name, ServiceApi::prefix));
    for (ServiceProfile profile : Services.profiles()) {
      assertThat(prefixes).containsKey(profile.name());
      for (CatalogItem item : profile.catalog()) {
        assertThat(item.path()).startsWith(prefixes.get(profile.name()));
      }
    }
  }

  @Test
  void eachIsInTheCatalogAndAnswersThere() throws IOException {
    TestingHttp admin = CLOUD.admin();
    JsonNode services = admin.get("/identity/v3/services").expect(200).json().path("services");
    List<String> types =
        services.valueStream().map(service -> service.path("type").asString()).toList();
    for (CatalogItem item : Services.catalog()) {
      assertThat(types).contains(item.type());
      assertThat(admin.get(item.path()).status()).as(item.path()).isLessThan(400);
    }
  }
}
