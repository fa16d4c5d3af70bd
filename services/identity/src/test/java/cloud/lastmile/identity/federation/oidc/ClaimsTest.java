package cloud.lastmile.identity.federation.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.Json;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What becomes of a provider's claims. */
class ClaimsTest {
  private static ObjectNode withGroups(int number) {
    ObjectNode claims = Json.object().put("sub", "ann");
    ArrayNode groups = claims.putArray("groups");
    for (int i = 1; i < number; i++) {
      groups.add("group-" + i);
    }
    groups.add("banned");
    return claims;
  }

  @Test
  void noValueIsForgotten() throws OidcFailure {
    assertThat(Claims.assertion(withGroups(1_000)).values().get("OIDC-groups"))
        .hasSize(1_000)
        .contains("banned");
    assertThatThrownBy(() -> Claims.assertion(withGroups(1_001)))
        .isInstanceOf(OidcFailure.class)
        .hasMessageContaining("groups")
        .hasMessageContaining("1001");
  }
}
