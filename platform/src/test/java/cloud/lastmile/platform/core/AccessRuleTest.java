package cloud.lastmile.platform.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AccessRuleTest {
  private static boolean matches(String pattern, String path) {
    return new AccessRule("1", "compute", "GET", pattern).allows("compute", "GET", path);
  }

  @Test
  void literalsMatchThemselves() {
    assertThat(matches("/v2.1/servers", "/v2.1/servers")).isTrue();
    assertThat(matches("/v2.1/servers", "/v2x1/servers")).isFalse();
    assertThat(matches("/v2.1/servers", "/v2.1/servers/1")).isFalse();
    assertThat(matches("/v2.1/servers", "/v2.1/server")).isFalse();
  }

  @Test
  void aStarOrANameIsOneSegment() {
    for (String pattern : new String[] {"/v2.1/servers/*/ips", "/v2.1/servers/{server_id}/ips"}) {
      assertThat(matches(pattern, "/v2.1/servers/1f/ips")).isTrue();
      assertThat(matches(pattern, "/v2.1/servers//ips")).isFalse();
      assertThat(matches(pattern, "/v2.1/servers/1/2/ips")).isFalse();
      assertThat(matches(pattern, "/v2.1/servers/1/ips/2")).isFalse();
    }
    assertThat(matches("/a*/b", "/axyz/b")).isTrue();
    assertThat(matches("/a*/b", "/a/b")).isFalse();
  }

  @Test
  void twoStarsAreAnything() {
    assertThat(matches("/v2.1/**", "/v2.1/")).isTrue();
    assertThat(matches("/v2.1/**", "/v2.1/servers/1/action")).isTrue();
    assertThat(matches("/v2.1/**", "/v2.0/servers")).isFalse();
    assertThat(matches("/**/ips", "/v2.1/servers/1/ips")).isTrue();
    assertThat(matches("/**/ips", "/v2.1/servers/1/ip")).isFalse();
  }

  @Test
  void serviceAndMethodCount() {
    AccessRule rule = new AccessRule("1", "compute", "GET", "/**");
    assertThat(rule.allows("compute", "GET", "/x")).isTrue();
    assertThat(rule.allows("network", "GET", "/x")).isFalse();
    assertThat(rule.allows("compute", "POST", "/x")).isFalse();
  }

  @Test
  void aSpitefulPatternCostsNoMoreThanAnother() {
    assertThat(matches("/" + "**a".repeat(70), "/" + "a".repeat(4_000) + "b")).isFalse();
  }
}
