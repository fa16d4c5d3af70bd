package cloud.lastmile.identity.access;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * A small world of users, groups, roles, projects and assignments, and by the plainest rules what
 * follows from it: the yardstick for the SQL.
 */
final class NaiveModel {
  /** A project with its parent; a domain has none. */
  record Place(String id, Place parent) {
    Place domain() {
      return parent == null ? this : parent.domain();
    }

    boolean isBelow(Place other) {
      return parent != null && (parent.equals(other) || parent.isBelow(other));
    }
  }

  /** {@code target} is null for the system. */
  record Given(String actor, String kind, Place target, String role, boolean inherited) {}

  final List<String> users = new ArrayList<>();
  final List<String> groups = new ArrayList<>();
  final List<String> roles = new ArrayList<>();
  final List<String> domainRoles = new ArrayList<>();
  final List<Place> places = new ArrayList<>();
  final Set<List<String>> memberships = new HashSet<>();

  /** Those for which an identity provider vouches, and those for which one did. */
  final Set<List<String>> vouched = new HashSet<>();

  final Set<List<String>> expired = new HashSet<>();
  final Set<List<String>> implications = new HashSet<>();
  final Set<Given> given = new HashSet<>();

  static NaiveModel random(RandomGenerator random) {
    NaiveModel model = new NaiveModel();
    for (int i = 0; i < 2; i++) {
      model.places.add(new Place("d" + i, null));
    }
    for (int i = 0; i < 8; i++) {
      Place parent = model.places.get(random.nextInt(model.places.size()));
      model.places.add(new Place("p" + i, parent));
    }
    for (int i = 0; i < 4; i++) {
      model.users.add("u" + i);
      model.groups.add("g" + i);
    }
    for (int i = 0; i < 6; i++) {
      model.roles.add("r" + i);
    }
    // Roles of a domain give nothing but what they imply.
    model.domainRoles.add("x0");
    for (int i = 0; i < 6; i++) {
      model.memberships.add(List.of(pick(random, model.users), pick(random, model.groups)));
      model.implications.add(List.of(pick(random, model.all()), pick(random, model.roles)));
    }
    for (int i = 0; i < 3; i++) {
      Set<List<String>> either = random.nextBoolean() ? model.vouched : model.expired;
      either.add(List.of(pick(random, model.users), pick(random, model.groups)));
    }
    model.expired.removeAll(model.vouched);
    for (int i = 0; i < 12; i++) {
      model.given.add(model.assignment(random));
    }
    return model;
  }

  private static <T> T pick(RandomGenerator random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private List<String> all() {
    List<String> all = new ArrayList<>(roles);
    all.addAll(domainRoles);
    return all;
  }

  private Given assignment(RandomGenerator random) {
    String actor = random.nextBoolean() ? pick(random, users) : pick(random, groups);
    String role = pick(random, all());
    if (random.nextInt(8) == 0) {
      return new Given(actor, "system", null, pick(random, roles), false);
    }
    Place place = pick(random, places);
    boolean domain = place.parent() == null;
    return new Given(actor, domain ? "domain" : "project", place, role, random.nextBoolean());
  }

  /** The roles that a user has in a scope; the place is null for the system. */
  Set<String> effective(String user, String kind, Place place) {
    Set<String> held = new TreeSet<>();
    for (Given one : given) {
      List<String> membership = List.of(user, one.actor());
      boolean mine =
          one.actor().equals(user)
              || memberships.contains(membership)
              || vouched.contains(membership);
      boolean direct =
          !one.inherited()
              && one.kind().equals(kind)
              && (place == null ? one.target() == null : place.equals(one.target()));
      boolean fromAbove = one.inherited() && kind.equals("project") && place.isBelow(one.target());
      if (mine && (direct || fromAbove)) {
        held.add(one.role());
      }
    }
    boolean grows = true;
    while (grows) {
      grows = false;
      for (List<String> pair : implications) {
        grows |= held.contains(pair.getFirst()) && held.add(pair.getLast());
      }
    }
    held.removeAll(domainRoles);
    return held;
  }
}
