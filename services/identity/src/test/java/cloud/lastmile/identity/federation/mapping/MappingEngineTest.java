package cloud.lastmile.identity.federation.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.identity.federation.mapping.Mapped.Domain;
import cloud.lastmile.identity.federation.mapping.Mapped.GroupName;
import cloud.lastmile.identity.federation.mapping.Mapped.Project;
import cloud.lastmile.platform.core.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rule language, as the reference's examples use it. */
final class MappingEngineTest {
  private static final Assertion ANN =
      new Assertion(
          Map.of(
              "name", List.of("ann"),
              "mail", List.of("ann@example.org"),
              "type", List.of("Employee", "Contractor"),
              "groups", List.of("admins", "devs", "it's \"odd\""),
              "empty", List.of(),
              "projects", List.of("[{\"name\": \"p{0}\", \"roles\": [{\"name\": \"member\"}]}]"),
              "json", List.of("JSON:{\"name\": \"g\", \"domain\": {\"name\": \"d\"}}")),
          "remote");
  private static final Domain HOME = new Domain(Optional.of("home"), Optional.empty());

  private static Mapped map(String version, String rules) throws Unmappable {
    return new MappingEngine(
            new Mapping("m", Json.mapper().readTree(rules.replace('\'', '"')), version))
        .process(ANN);
  }

  private static String rule(String local, String remote) {
    return "{'local': [" + local + "], 'remote': [" + remote + "]}";
  }

  /** A rule with one more condition, which applies or not. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'type': 'mail'}                                                         | true
          {'type': 'absent'}                                                       | false
          {'type': 'empty'}                                                        | true
          {'type': 'empty', 'any_one_of': ['Boss']}                                | false
          {'type': 'empty', 'not_any_of': ['Boss']}                                | true
          {'type': 'empty', 'whitelist': ['Boss']}                                 | true
          {'type': 'empty', 'blacklist': ['Boss']}                                 | true
          {'type': 'type', 'any_one_of': ['Employee']}                             | true
          {'type': 'type', 'any_one_of': ['Boss', 'Contractor']}                   | true
          {'type': 'type', 'any_one_of': ['Boss']}                                 | false
          {'type': 'type', 'any_one_of': []}                                       | false
          {'type': 'type', 'any_one_of': ['Emp']}                                  | false
          {'type': 'type', 'any_one_of': ['Emp'], 'regex': true}                   | true
          {'type': 'type', 'any_one_of': ['^tor'], 'regex': true}                  | false
          {'type': 'type', 'any_one_of': ['tor$'], 'regex': true}                  | true
          {'type': 'type', 'any_one_of': ['Emp'], 'regex': false}                  | false
          {'type': 'type', 'not_any_of': ['Boss']}                                 | true
          {'type': 'type', 'not_any_of': ['Boss', 'Employee']}                     | false
          {'type': 'type', 'not_any_of': ['Empl.*'], 'regex': true}                | false
          {'type': 'absent', 'not_any_of': ['Boss']}                               | false
          {'type': 'type', 'whitelist': ['Boss']}                                  | true
          {'type': 'type', 'blacklist': ['Employee', 'Contractor']}                | true
          """)
  void aRuleAppliesOnlyIfAllOfItsConditionsDo(String condition, boolean applies) throws Unmappable {
    String rules = "[" + rule("{'user': {'name': '{0}'}}", "{'type': 'name'}, " + condition) + "]";
    if (applies) {
      assertThat(map("1.0", rules).user().name()).contains("ann");
    } else {
      assertThatThrownBy(() -> map("1.0", rules)).isInstanceOf(Unmappable.class);
    }
  }

  /** What becomes of a text of the local part, with name, mail and groups as {0} to {2}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          plain         | plain
          {0}           | ann
          {1}/{0}       | ann@example.org/ann
          {{0}}         | {0}
          {{{0}}}       | {ann}
          {2}           | ['admins', 'devs', 'it\\'s "odd"']
          {9}           |
          {}            |
          {name}        |
          {0            |
          """)
  void referencesStandForWhatTheConditionsLetThrough(String template, String expected)
      throws Unmappable {
    String rules =
        "["
            + rule(
                "{'user': {'name': '" + template + "'}}",
                "{'type': 'name'}, {'type': 'type', 'any_one_of': ['Employee']},"
                    + " {'type': 'mail'}, {'type': 'groups'}")
            + "]";
    if (expected == null) {
      assertThatThrownBy(() -> map("1.0", rules)).isInstanceOf(Unmappable.class);
    } else {
      assertThat(map("1.0", rules).user().name()).contains(expected);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'type': 'groups'}                                      | admins,devs,it's "odd"
          {'type': 'groups', 'whitelist': ['devs', 'x']}          | devs
          {'type': 'groups', 'whitelist': []}                     |
          {'type': 'empty'}                                       |
          {'type': 'empty', 'blacklist': ['devs']}                |
          {'type': 'groups', 'blacklist': ['devs', 'x']}          | admins,it's "odd"
          {'type': 'groups', 'whitelist': ['^d'], 'regex': true}  | devs
          {'type': 'groups', 'blacklist': ['s$'], 'regex': true}  | it's "odd"
          {'type': 'name'}                                        | ann
          """)
  void groupsAreTheValuesThatFiltersLeave(String condition, String expected) throws Unmappable {
    String groups = rule("{'groups': '{0}', 'domain': {'id': 'home'}}", condition);
    String ids = rule("{'group_ids': '{0}'}", condition);
    String[] wanted = expected == null ? new String[0] : expected.split(",");
    assertThat(map("1.0", "[" + groups + "]").groups())
        .extracting(GroupName::name)
        .containsExactlyInAnyOrder(wanted);
    assertThat(map("1.0", "[" + ids + "]").groupIds()).containsExactlyInAnyOrder(wanted);
  }

  @Test
  void whatIsSaidToBeNothingNamesNobody() throws Unmappable {
    for (String none : List.of("{'type': 'empty'}", "{'type': 'groups', 'whitelist': ['x']}")) {
      String rules = "[" + rule("{'user': {'name': '{0}', 'id': 'u-{0}'}}", none) + "]";
      assertThat(map("1.0", rules).user().name()).contains("");
      assertThat(map("1.0", rules).user().id()).contains("u-");
    }
  }

  @Test
  void withoutValuesABraceIsABrace() throws Unmappable {
    String local = "{'user': {'name': 'a {b}'}}";
    String remote = "{'type': 'name', 'any_one_of': ['ann']}";
    assertThat(map("1.0", "[" + rule(local, remote) + "]").user().name()).contains("a {b}");
  }

  @Test
  void allRulesThatApplyAddGroupsAndTheFirstNamesTheUser() throws Unmappable {
    Mapped mapped =
        map(
            "1.0",
            "["
                + rule("{'group': {'id': '1'}}", "{'type': 'name'}")
                + ","
                + rule("{'user': {'name': 'first'}}, {'group': {'id': '2'}}", "{'type': 'name'}")
                + ","
                + rule("{'group': {'id': '3'}}", "{'type': 'absent'}")
                + ","
                + rule(
                    "{'user': {'name': 'second'}, 'group': {'name': 'g', 'domain': {'id': 'home'}}}",
                    "{'type': 'name'}")
                + "]");
    assertThat(mapped.user().name()).contains("first");
    assertThat(mapped.groupIds()).containsExactlyInAnyOrder("1", "2");
    assertThat(mapped.groups()).containsExactly(new GroupName("g", HOME));
  }

  @Test
  void groupsMayBeSpelledOutOrBringTheirDomain() throws Unmappable {
    String spelled =
        "[{\"local\": [{\"groups\": \"['a', \\\"b\\\"]\", \"domain\": {\"id\": \"home\"}}],"
            + " \"remote\": [{\"type\": \"name\"}]}]";
    Mapped mapped =
        new MappingEngine(new Mapping("m", Json.mapper().readTree(spelled), "1.0")).process(ANN);
    assertThat(mapped.groups()).extracting(GroupName::name).containsExactlyInAnyOrder("a", "b");

    assertThat(map("1.0", "[" + rule("{'groups': '{0}'}", "{'type': 'json'}") + "]").groups())
        .containsExactly(new GroupName("g", new Domain(Optional.empty(), Optional.of("d"))));
    assertThatThrownBy(
            () -> map("1.0", "[" + rule("{'groups': '{0}'}", "{'type': 'groups'}") + "]"))
        .isInstanceOf(Unmappable.class);
  }

  @Test
  void usersAreEphemeralUnlessTheyAreSaidToBeLocal() throws Unmappable {
    String user = "{'user': {'name': '{0}', 'type': 'local', 'domain': {'id': 'home'}}}";
    Mapped mapped = map("1.0", "[" + rule(user, "{'type': 'name'}") + "]");
    assertThat(mapped.user().local()).isTrue();
    assertThat(mapped.user().domain()).contains(HOME);
    assertThat(
            map("1.0", "[" + rule(user.replace("local", "ephemeral"), "{'type': 'name'}") + "]")
                .user()
                .local())
        .isFalse();
  }

  @Test
  void projectsHaveADomainFromTheSecondVersionAndComeFromTheAssertionFromTheThird()
      throws Unmappable {
    String local =
        "{'projects': [{'name': 'of {0}', 'roles': [{'name': 'reader'}, {'name': 'member'}]}],"
            + " 'domain': {'id': 'home'}}";
    String rules = "[" + rule(local, "{'type': 'name'}") + "]";
    Project plain = new Project("of ann", Optional.empty(), List.of("reader", "member"));
    assertThat(map("1.0", rules).projects()).containsExactly(plain);
    assertThat(map("2.0", rules).projects()).containsExactly(plain.orIn(Optional.of(HOME)));
    assertThat(map("2.0", rules).user().domain()).contains(HOME);

    String asserted = "[" + rule("{'projects_json': '{0}'}", "{'type': 'projects'}") + "]";
    // Braces of the assertion are no references.
    assertThat(map("3.0", asserted).projects())
        .containsExactly(new Project("p{0}", Optional.empty(), List.of("member")));
    assertThatThrownBy(
            () -> map("3.0", "[" + rule("{'projects_json': '{0}'}", "{'type': 'name'}") + "]"))
        .isInstanceOf(Unmappable.class);
  }

  @Test
  void aRegularExpressionThatDoesNotEndIsGivenUp() {
    Assertion long64 = new Assertion(Map.of("name", List.of("a".repeat(64) + "!")), "remote");
    String rules =
        "["
            + rule("{'user': {}}", "{'type': 'name', 'any_one_of': ['^(a+)+$'], 'regex': true}")
            + "]";
    MappingEngine engine =
        new MappingEngine(
            new Mapping("m", Json.mapper().readTree(rules.replace('\'', '"')), "1.0"));
    assertThatThrownBy(() -> engine.process(long64)).isInstanceOf(Unmappable.class);
  }
}
