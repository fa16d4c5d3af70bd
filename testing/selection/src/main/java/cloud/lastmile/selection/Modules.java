package cloud.lastmile.selection;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * The graph of Maven's modules, each named by its directory.
 *
 * @param needs of each module those that its pom names, for its tests too
 */
record Modules(SequencedMap<String, Set<String>> needs) {

  /** Reads the poms under a directory. Fails rather than leave an edge out. */
  static Modules read(Path root) throws Exception {
    Map<String, String> directories = new HashMap<>();
    Map<String, Set<String>> artifacts = new TreeMap<>();
    for (Element module : children(parse(root.resolve("pom.xml")), "modules", "module")) {
      String directory = module.getTextContent().strip();
      Element project = parse(root.resolve(directory).resolve("pom.xml"));
      directories.put(text(project, "artifactId"), directory);
      Set<String> needed = new TreeSet<>();
      for (Element dependency : children(project, "dependencies", "dependency")) {
        if (text(dependency, "groupId").equals("cloud.lastmile")) {
          needed.add(text(dependency, "artifactId"));
        }
      }
      artifacts.put(directory, needed);
    }
    SequencedMap<String, Set<String>> needs = new TreeMap<>();
    for (Map.Entry<String, Set<String>> module : artifacts.entrySet()) {
      Set<String> needed = new TreeSet<>();
      for (String artifact : module.getValue()) {
        String directory = directories.get(artifact);
        if (directory == null) {
          throw new IllegalStateException(module.getKey() + " needs no module: " + artifact);
        }
        needed.add(directory);
      }
      needs.put(module.getKey(), needed);
    }
    return new Modules(needs);
  }

  private static Element parse(Path pom) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    Document document =
        factory.newDocumentBuilder().parse(Files.newInputStream(pom), pom.toString());
    return document.getDocumentElement();
  }

  private static Set<Element> children(Element parent, String list, String name) {
    Set<Element> found = new java.util.LinkedHashSet<>();
    for (Element holder : named(parent, list)) {
      found.addAll(named(holder, name));
    }
    return found;
  }

  private static Set<Element> named(Element parent, String name) {
    Set<Element> found = new java.util.LinkedHashSet<>();
    NodeList nodes = parent.getChildNodes();
    for (int i = 0; i < nodes.getLength(); i++) {
      Node node = nodes.item(i);
      if (node instanceof Element element && element.getTagName().equals(name)) {
        found.add(element);
      }
    }
    return found;
  }

  private static String text(Element parent, String name) {
    return named(parent, name).stream()
        .findFirst()
        .map(element -> element.getTextContent().strip())
        .orElse("");
  }

  /** The module in whose directory a file is. */
  Optional<String> of(String file) {
    return needs.keySet().stream().filter(module -> file.startsWith(module + "/")).findFirst();
  }

  /** These, and all that need them, however far. */
  Set<String> dependents(Set<String> changed) {
    Set<String> reached = new TreeSet<>(changed);
    boolean grew = true;
    while (grew) {
      grew = false;
      for (Map.Entry<String, Set<String>> module : needs.entrySet()) {
        if (module.getValue().stream().anyMatch(reached::contains)) {
          grew |= reached.add(module.getKey());
        }
      }
    }
    return reached;
  }

  /** A module and all that it needs, however far. */
  Set<String> closure(String module) {
    Set<String> reached = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(Set.of(module));
    while (!open.isEmpty()) {
      String next = open.pop();
      if (reached.add(next)) {
        open.addAll(needs.getOrDefault(next, Set.of()));
      }
    }
    return reached;
  }
}
