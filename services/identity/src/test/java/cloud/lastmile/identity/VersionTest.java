package cloud.lastmile.identity;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp.Answer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class VersionTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  @Test
  void theRootOffersTheOneVersion() {
    for (String path : new String[] {"", "/"}) {
      Answer answer = IDENTITY.anonymous().get(path).expect(300);
      JsonNode version = answer.json().at("/versions/values/0");
      assertThat(version.path("id").asString()).startsWith("v3");
      assertThat(version.path("status").asString()).isEqualTo("stable");
      assertThat(version.at("/links/0/href").asString()).isEqualTo(IDENTITY.url() + "/v3/");
      assertThat(answer.header("Location")).isEqualTo(IDENTITY.url() + "/v3/");
    }
  }

  @Test
  void theVersionDescribesItself() {
    for (String path : new String[] {"/v3", "/v3/"}) {
      JsonNode version = IDENTITY.anonymous().get(path).expect(200).json().path("version");
      assertThat(version.at("/media-types/0/base").asString()).isEqualTo("application/json");
      assertThat(version.at("/links/0/rel").asString()).isEqualTo("self");
    }
  }

  @Test
  void whatIsNotThereAnswersInTheFaultFormat() {
    JsonNode error = IDENTITY.anonymous().get("/v3/nothing").expect(404).json().path("error");
    assertThat(error.path("code").asInt()).isEqualTo(404);
    assertThat(error.path("title").asString()).isEqualTo("Not Found");
  }
}
