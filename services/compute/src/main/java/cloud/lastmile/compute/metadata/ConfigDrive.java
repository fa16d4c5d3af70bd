package cloud.lastmile.compute.metadata;

import cloud.lastmile.platform.core.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** The files of a config drive, by path. */
public final class ConfigDrive {
  private ConfigDrive() {}

  public static Map<String, byte[]> files(GuestMetadata guest) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (OpenStackVersion version : OpenStackVersion.values()) {
      openStack(files, guest, version, version.date());
    }
    openStack(files, guest, OpenStackVersion.VICTORIA, OpenStackVersion.LATEST);
    for (String version : List.of("2009-04-04", OpenStackVersion.LATEST)) {
      files.put("ec2/" + version + "/meta-data.json", ec2(guest));
      guest
          .userData()
          .ifPresent(data ->
              files.put("ec2/" + version + "/user-data", OpenStackLayout.userData(data).content()));
    }
    return files;
  }

  private static void openStack(
      Map<String, byte[]> files, GuestMetadata guest, OpenStackVersion version, String name) {
    for (String file : OpenStackLayout.files(guest, version)) {
      // A drive cannot be written to, so that there is no place for a password.
      if (!file.equals("password")) {
        files.put(
            "openstack/" + name + "/" + file,
            OpenStackLayout.file(guest, version, file).orElseThrow().content());
      }
    }
  }

  private static byte[] ec2(GuestMetadata guest) {
    return json(Ec2Layout.metaData(guest)).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static ObjectNode json(Ec2Layout.Node.Directory directory) {
    ObjectNode node = Json.object();
    directory
        .entries()
        .forEach((name, entry) -> {
          switch (entry) {
            case Ec2Layout.Node.Leaf leaf -> node.put(name, leaf.text());
            case Ec2Layout.Node.Directory inner -> node.set(name, json(inner));
            case Ec2Layout.Node.Named named -> node.set(name, json(named.directory()));
          }
        });
    return node;
  }
}
