package cloud.lastmile.platform.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a path in time that depends on the path's length, not on the number of routes.
 * A literal segment wins over a parameter.
 */
final class RouteTree {

  /**
   * What stands at a path.
   *
   * @param byMethod the routes by method, more than one where microversions differ
   * @param parameters decoded path parameters
   */
  record Match(Map<String, List<MeteredRoute>> byMethod, Map<String, String> parameters) {}

  private static final class Node {
    final Map<String, Node> literals = new HashMap<>();
    final Map<String, List<MeteredRoute>> routes = new TreeMap<>();
    @Nullable Node parameter;
    boolean takesRest;
    List<String> names = List.of();
  }

  private final Node root = new Node();

  RouteTree(List<MeteredRoute> routes) {
    routes.forEach(this::add);
  }

  private void add(MeteredRoute metered) {
    Route route = metered.route();
    Node node = root;
    List<String> names = new ArrayList<>();
    for (String segment : segments(route.path())) {
      if (segment.startsWith("{")) {
        boolean rest = segment.endsWith("*}");
        names.add(segment.substring(1, segment.length() - (rest ? 2 : 1)));
        if (node.parameter == null) {
          node.parameter = new Node();
        }
        node = node.parameter;
        node.takesRest |= rest;
      } else {
        node = node.literals.computeIfAbsent(segment, _ -> new Node());
      }
    }
    if (!node.routes.isEmpty() && !node.names.equals(names)) {
      throw new IllegalArgumentException(
          route.path() + " names its parameters otherwise than its sibling: " + node.names);
    }
    node.names = List.copyOf(names);
    node.routes.computeIfAbsent(route.method(), _ -> new ArrayList<>()).add(metered);
  }

  /**
   * @param rawPath the path below the service's prefix, still percent-encoded, so that an encoded
   *     slash stays inside its segment
   */
  @Nullable Match find(String rawPath) {
    List<String> values = new ArrayList<>();
    Node found = find(root, segments(rawPath), 0, values);
    if (found == null) {
      return null;
    }
    Map<String, String> parameters = new HashMap<>();
    for (int i = 0; i < found.names.size(); i++) {
      parameters.put(found.names.get(i), values.get(i));
    }
    return new Match(found.routes, parameters);
  }

  private static @Nullable Node find(
      Node node, List<String> segments, int index, List<String> values) {
    if (index == segments.size()) {
      return node.routes.isEmpty() ? null : node;
    }
    String segment = RequestTarget.decoded(segments.get(index));
    Node literal = node.literals.get(segment);
    if (literal != null) {
      Node found = find(literal, segments, index + 1, values);
      if (found != null) {
        return found;
      }
    }
    Node parameter = node.parameter;
    if (parameter == null) {
      return null;
    }
    values.add(segment);
    if (parameter.takesRest) {
      List<String> rest = segments.subList(index, segments.size());
      values.set(
          values.size() - 1, String.join("/", rest.stream().map(RequestTarget::decoded).toList()));
      return parameter;
    }
    Node found = find(parameter, segments, index + 1, values);
    if (found == null) {
      values.removeLast();
    }
    return found;
  }

  /** A trailing slash does not count, as in the references. */
  private static List<String> segments(String path) {
    String trimmed = path.startsWith("/") ? path.substring(1) : path;
    if (trimmed.endsWith("/")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1);
    }
    return trimmed.isEmpty() ? List.of() : List.of(trimmed.split("/", -1));
  }
}
