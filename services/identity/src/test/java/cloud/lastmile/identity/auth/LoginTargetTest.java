package cloud.lastmile.identity.auth;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.auth.AuthRequest.Named;
import cloud.lastmile.identity.auth.AuthStore.Looked;
import cloud.lastmile.identity.password.LoginLimiter.Target;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a user of a directory is spelled so that the directory finds it, it is one target. */
class LoginTargetTest {
  private static Target target(String name) {
    Named domain = new Named(Optional.of("ldap"), Optional.empty(), Optional.empty());
    return LoginTarget.of(
        new Named(Optional.empty(), Optional.of(name), Optional.of(domain)),
        new Looked(Optional.of("ldap"), Optional.empty()),
        Set.of("ldap"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GRO\u1e9eE \u03a3\u03c3",
        "gro\u00dfe  \u03c3\u03c2",
        " grosse \u03c3\u03c3 ",
        "gro\u00ads\u200bse\u00a0\u03c2\u03a3",
        "\uff47rosse\t\u03c3\u03c3",
        "grosse\ufe0f \u03c3\u200d\u03c3\u0000",
      })
  void spellingsAreOne(String name) {
    assertThat(target(name)).isEqualTo(target("grosse \u03c3\u03c3"));
  }

  @Test
  void othersAreOthers() {
    assertThat(target("grosse")).isNotEqualTo(target("gro se"));
    assertThat(target("grosse")).isNotEqualTo(target("gr\u00f6sse"));
  }
}
