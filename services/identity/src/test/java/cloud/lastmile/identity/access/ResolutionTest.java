package cloud.lastmile.identity.access;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.access.Access.RoleName;
import cloud.lastmile.identity.access.NaiveModel.Given;
import cloud.lastmile.identity.access.NaiveModel.Place;
import cloud.lastmile.identity.role.Assignment;
import cloud.lastmile.identity.role.AssignmentStore;
import cloud.lastmile.identity.token.TokenScope;
import cloud.lastmile.platform.database.Utc;
import cloud.lastmile.testing.TestingDatabase;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * What a token gives and what {@code role_assignments?effective} lists, in random worlds, against a
 * model that is too plain to be wrong. A failure names its seed.
 */
class ResolutionTest {
  @AutoClose private static final TestingDatabase DATABASE = TestingDatabase.create("identity");
  private static final int WORLDS = 60;

  @Test
  void scopesGiveTheRolesOfTheModel() {
    for (long seed = 0; seed < WORLDS; seed++) {
      NaiveModel model = NaiveModel.random(new SplittableRandom(seed));
      DATABASE.database().change(handle -> store(handle, model));
      for (String user : model.users) {
        for (Place place : model.places) {
          boolean domain = place.parent() == null;
          TokenScope scope =
              domain ? TokenScope.domain(place.id()) : TokenScope.project(place.id());
          assertThat(roles(user, scope))
              .as("seed %d, %s on %s", seed, user, place.id())
              .isEqualTo(model.effective(user, domain ? "domain" : "project", place));
        }
        assertThat(roles(user, TokenScope.SYSTEM))
            .as("seed %d, %s on the system", seed, user)
            .isEqualTo(model.effective(user, "system", null));
      }
    }
  }

  @Test
  void effectiveAssignmentsAreThoseOfTheModel() {
    for (long seed = 0; seed < WORLDS; seed++) {
      NaiveModel model = NaiveModel.random(new SplittableRandom(seed));
      DATABASE.database().change(handle -> store(handle, model));
      for (String user : model.users) {
        Set<String> expected = new TreeSet<>();
        for (Place place : model.places) {
          String kind = place.parent() == null ? "domain" : "project";
          model
              .effective(user, kind, place)
              .forEach(role -> expected.add(kind + " " + place.id() + " " + role));
        }
        model.effective(user, "system", null).forEach(role -> expected.add("system * " + role));
        Set<String> listed =
            DATABASE
                .database()
                .read(handle -> AssignmentStore.effective(handle, user, Instant.now()))
                .stream()
                .map(ResolutionTest::text)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(listed).as("seed %d, %s", seed, user).isEqualTo(expected);
      }
    }
  }

  private static String text(Assignment assignment) {
    Assignment.Named target = assignment.target();
    return assignment.kind()
        + " "
        + (target == null ? "*" : target.id())
        + " "
        + assignment.role().id();
  }

  private static Set<String> roles(String user, TokenScope scope) {
    return DATABASE
        .database()
        .read(handle -> AccessStore.find(handle, new AccessKey(user, scope), Instant.now()))
        .map(Access::roles)
        .orElse(List.of())
        .stream()
        .map(RoleName::id)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void store(Handle handle, NaiveModel model) {
    handle.execute("DELETE FROM identity.account");
    handle.execute("DELETE FROM identity.user_group");
    handle.execute("DELETE FROM identity.role");
    handle.execute("DELETE FROM identity.project WHERE NOT is_domain");
    handle.execute("DELETE FROM identity.project");
    for (Place place : model.places) {
      handle.execute(
          """
          INSERT INTO identity.project
            (id, name, domain_id, parent_id, is_domain, description, enabled, options, extra)
          VALUES (?, ?, ?, ?, ?, '', true, '{}', '{}')\
          """,
          place.id(),
          place.id(),
          place.parent() == null ? null : place.domain().id(),
          place.parent() == null ? null : place.parent().id(),
          place.parent() == null);
    }
    for (String user : model.users) {
      handle.execute(
          """
          INSERT INTO identity.account (id, domain_id, name, enabled, options, extra)
          VALUES (?, 'd0', ?, true, '{}', '{}')\
          """,
          user,
          user);
    }
    for (String group : model.groups) {
      handle.execute(
          """
          INSERT INTO identity.user_group (id, domain_id, name, description, extra)
          VALUES (?, 'd0', ?, '', '{}')\
          """,
          group,
          group);
    }
    model.roles.forEach(role -> role(handle, role, null));
    model.domainRoles.forEach(role -> role(handle, role, "d0"));
    model.memberships.forEach(pair ->
        handle.execute(
            "INSERT INTO identity.membership (user_id, group_id) VALUES (?, ?)",
            pair.getFirst(),
            pair.getLast()));
    model.vouched.forEach(pair -> vouch(handle, pair, Instant.now().plusSeconds(3600)));
    model.expired.forEach(pair -> vouch(handle, pair, Instant.now().minusSeconds(1)));
    model.implications.forEach(pair ->
        handle.execute(
            "INSERT INTO identity.implied_role (prior_id, implied_id) VALUES (?, ?)",
            pair.getFirst(),
            pair.getLast()));
    model.given.forEach(one -> assign(handle, model, one));
  }

  private static void vouch(Handle handle, List<String> pair, Instant until) {
    handle.execute(
        """
        INSERT INTO identity.federated_membership (user_id, group_id, provider_id, expires_at)
        VALUES (?, ?, 'idp', ?)\
        """,
        pair.getFirst(),
        pair.getLast(),
        Utc.of(until));
  }

  private static void role(Handle handle, String id, String domainId) {
    handle.execute(
        """
        INSERT INTO identity.role (id, domain_id, name, options, extra)
        VALUES (?, ?, ?, '{}', '{}')\
        """,
        id,
        domainId,
        id);
  }

  private static void assign(Handle handle, NaiveModel model, Given one) {
    boolean user = model.users.contains(one.actor());
    handle.execute(
        """
        INSERT INTO identity.assignment (user_id, group_id, kind, target_id, role_id, inherited)
        VALUES (?, ?, ?, ?, ?, ?)\
        """,
        user ? one.actor() : null,
        user ? null : one.actor(),
        one.kind(),
        one.target() == null ? null : one.target().id(),
        one.role(),
        one.inherited());
  }
}
