package cloud.lastmile.platform.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyTest {
  private static final Caller MEMBER = caller(project("p1"), "member", "reader");
  private static final Caller ADMIN = caller(project("p2"), "admin");
  private static final Caller OPERATOR = caller(new Scope.SystemScope(), "reader");

  private static Scope project(String id) {
    return new Scope.Project(id, id, "default", "Default");
  }

  private static Caller caller(Scope scope, String... roles) {
    return new Caller("u1", "user", "default", scope, Set.of(roles));
  }

  private static boolean allows(String check, Caller caller, Map<String, String> target) {
    PolicyRule rule = new PolicyRule("x", check);
    return Policy.of(List.of(rule), Map.of()).allows(rule, caller, target);
  }

  @Test
  void aMemberActsInItsOwnProjectOnly() {
    String check = PolicyRule.ADMIN_OR_PROJECT_MEMBER;
    assertThat(allows(check, MEMBER, Map.of("project_id", "p1"))).isTrue();
    assertThat(allows(check, MEMBER, Map.of("project_id", "p2"))).isFalse();
    assertThat(allows(check, MEMBER, Map.of())).isFalse();
    assertThat(allows(check, ADMIN, Map.of("project_id", "p1"))).isTrue();
  }

  @Test
  void anAttributeThatTheTargetLacksNeverMatches() {
    assertThat(allows("domain_id:%(domain_id)s", MEMBER, Map.of())).isFalse();
    assertThat(allows("system_scope:all", MEMBER, Map.of())).isFalse();
    assertThat(allows("system_scope:all and role:reader", OPERATOR, Map.of())).isTrue();
  }

  @Test
  void orBindsLoosestAndParenthesesGroup() {
    assertThat(allows("role:member or role:x and role:y", MEMBER, Map.of())).isTrue();
    assertThat(allows("(role:member or role:x) and role:y", MEMBER, Map.of())).isFalse();
    assertThat(allows("not role:admin", MEMBER, Map.of())).isTrue();
    assertThat(allows("!", ADMIN, Map.of())).isFalse();
    assertThat(allows("", MEMBER, Map.of())).isTrue();
  }

  @Test
  void aQuotedLiteralIsComparedWithTheTarget() {
    String check = "'public':%(visibility)s";
    assertThat(allows(check, MEMBER, Map.of("visibility", "public"))).isTrue();
    assertThat(allows(check, MEMBER, Map.of("visibility", "private"))).isFalse();
  }

  @Test
  void operatorsOverrideAndDefineHelpers() {
    PolicyRule create = PolicyRule.member("compute:create");
    Policy policy =
        Policy.of(List.of(create), Map.of("compute:create", "rule:ops", "ops", "role:ops"));
    assertThat(policy.allowsInOwnScope(create, MEMBER)).isFalse();
    assertThat(policy.allowsInOwnScope(create, caller(project("p1"), "ops"))).isTrue();
  }

  @Test
  void whatCannotBeMeantStopsTheStart() {
    List<PolicyRule> rules = List.of(PolicyRule.member("compute:create"));
    assertThatThrownBy(() -> Policy.of(rules, Map.of("compute:creat", "@")))
        .hasMessageContaining("unknown policy rule compute:creat");
    assertThatThrownBy(() -> Policy.of(rules, Map.of("compute:create", "rule:nobody")))
        .hasMessageContaining("nobody");
    assertThatThrownBy(() -> Policy.of(rules, Map.of("a", "rule:b", "b", "rule:a")))
        .hasMessageContaining("refers to itself");
    for (String broken : List.of("role:", "(role:a", "role:a or", "admin", "role:a )")) {
      assertThatThrownBy(() -> Policy.of(rules, Map.of("a", broken)))
          .as(broken)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
