package cloud.lastmile.compute.metadata;

import cloud.lastmile.network.api.PortInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The tree of EC2: below a version, {@code meta-data/} and {@code user-data}. A directory lists its
 * entries, directories with a slash.
 */
final class Ec2Layout {
  static final List<String> VERSIONS =
      List.of(
          "1.0",
          "2007-01-19",
          "2007-03-01",
          "2007-08-29",
          "2007-10-10",
          "2007-12-15",
          "2008-02-01",
          "2008-09-01",
          "2009-04-04");

  /** A node of the tree. */
  sealed interface Node {
    record Leaf(String text) implements Node {}

    record Directory(SortedMap<String, Node> entries) implements Node {}

    /** A directory whose listing shows it under another name than its path has. */
    record Named(String shown, Directory directory) implements Node {}
  }

  private Ec2Layout() {}

  /**
   * @param path the segments, the version first; empty for the list of versions
   */
  static Optional<Document> find(GuestMetadata guest, List<String> path) {
    if (path.isEmpty()) {
      List<String> versions = new ArrayList<>(VERSIONS);
      versions.add(OpenStackVersion.LATEST);
      return Optional.of(Texts.lines(versions));
    }
    String version = path.getFirst();
    if (!VERSIONS.contains(version) && !version.equals(OpenStackVersion.LATEST)) {
      return Optional.empty();
    }
    if (path.size() == 2 && path.get(1).equals("user-data") && guest.userData().isPresent()) {
      return guest.userData().map(OpenStackLayout::userData);
    }
    Node node = root(guest);
    for (String segment : path.subList(1, path.size())) {
      Node.Directory directory = directory(node);
      if (directory == null || !directory.entries().containsKey(segment)) {
        return Optional.empty();
      }
      node = directory.entries().get(segment);
    }
    return Optional.of(render(node));
  }

  private static Node.@Nullable Directory directory(Node node) {
    return switch (node) {
      case Node.Directory directory -> directory;
      case Node.Named named -> named.directory();
      case Node.Leaf _ -> null;
    };
  }

  private static Document render(Node node) {
    Node.Directory directory = directory(node);
    if (node instanceof Node.Leaf leaf) {
      return Texts.text(leaf.text());
    }
    return Texts.lines(
        directory == null
            ? List.of()
            : directory.entries().entrySet().stream()
                .map(entry ->
                    switch (entry.getValue()) {
                      case Node.Leaf _ -> entry.getKey();
                      case Node.Directory _ -> entry.getKey() + "/";
                      case Node.Named named -> named.shown();
                    })
                .toList());
  }

  private static Node root(GuestMetadata guest) {
    SortedMap<String, Node> root = new TreeMap<>();
    root.put("meta-data", metaData(guest));
    guest.userData().ifPresent(data -> root.put("user-data", new Node.Leaf(data)));
    return new Node.Directory(root);
  }

  static Node.Directory metaData(GuestMetadata guest) {
    SortedMap<String, Node> data = new TreeMap<>();
    leaf(data, "ami-id", "ami-" + guest.image().map(Ec2Layout::shortId).orElse("00000000"));
    leaf(data, "ami-launch-index", Integer.toString(guest.launchIndex()));
    leaf(data, "ami-manifest-path", "(unknown)");
    leaf(data, "hostname", guest.fullHostname());
    leaf(data, "instance-action", "none");
    leaf(data, "instance-id", "i-" + shortId(guest.id()));
    leaf(data, "instance-type", guest.flavorName());
    leaf(data, "local-hostname", guest.fullHostname());
    leaf(data, "local-ipv4", guest.localIpv4());
    leaf(data, "public-hostname", guest.fullHostname());
    leaf(data, "public-ipv4", guest.publicIpv4());
    leaf(data, "reservation-id", guest.reservationId());
    leaf(data, "security-groups", securityGroups(guest));
    data.put(
        "block-device-mapping",
        new Node.Directory(
            new TreeMap<>(Map.of("ami", new Node.Leaf("vda"), "root", new Node.Leaf("/dev/vda")))));
    data.put(
        "placement",
        new Node.Directory(
            new TreeMap<>(Map.of("availability-zone", new Node.Leaf(guest.zone())))));
    guest.key().ifPresent(key -> data.put("public-keys", keys(key)));
    return new Node.Directory(data);
  }

  private static Node keys(GuestMetadata.Key key) {
    SortedMap<String, Node> one = new TreeMap<>(Map.of("openssh-key", new Node.Leaf(key.data())));
    return new Node.Directory(
        new TreeMap<>(Map.of("0", new Node.Named("0=" + key.name(), new Node.Directory(one)))));
  }

  private static void leaf(SortedMap<String, Node> directory, String name, String text) {
    directory.put(name, new Node.Leaf(text));
  }

  private static String securityGroups(GuestMetadata guest) {
    return String.join(
        "\n",
        guest.ports().stream()
            .map(PortInfo::securityGroupNames)
            .flatMap(List::stream)
            .distinct()
            .sorted()
            .toList());
  }

  /** EC2's ids have eight hex digits: the first ones of ours. */
  private static String shortId(UUID id) {
    return id.toString().substring(0, 8);
  }
}
