package cloud.lastmile.app.growing;

import java.util.ArrayList;
import java.util.List;

/** Networks and what is on them. */
final class GrowingNetworks {
  private final List<String> groups = new ArrayList<>();
  private final GrowingCloud cloud;

  GrowingNetworks(GrowingCloud cloud) {
    this.cloud = cloud;
    start();
  }

  private String network(String kind, String fields, Object... values) {
    return cloud.make("/networking/v2.0/" + kind + "s", kind, fields, values);
  }

  private void start() {
    cloud.know("/networking/v2.0/extensions/{alias}", "quotas");
    cloud.know("/networking/v2.0/networks/{id}", network("network", "'name': 'grown'"));
    cloud.know("/networking/v2.0/security-groups/{id}", securityGroup());
  }

  private String securityGroup() {
    return cloud.make(
        "/networking/v2.0/security-groups", "security_group", "'name': 'grown-%d'", cloud.number());
  }

  void grow() {
    String net = cloud.id("/networking/v2.0/networks/{id}");
    network("network", "'name': 'grown'");
    String subnet =
        network(
            "subnet",
            "'network_id': '%s', 'ip_version': 4, 'cidr': '10.88.%d.0/24',"
                + " 'dns_nameservers': [%s], 'host_routes': [%s],"
                + " 'allocation_pools': [%s]",
            net,
            cloud.number(),
            cloud.repeated("'10.9.9.%d'"),
            cloud.repeated(
                "{'destination': '10.77.%d.0/24', 'nexthop': '10.88." + cloud.number() + ".9'}"),
            cloud.repeated(
                "{'start': '10.88.N.%1$d0', 'end': '10.88.N.%1$d8'}"
                    .replace("N", Integer.toString(cloud.number()))));
    groups.add("'" + securityGroup() + "'");
    String rule =
        cloud.make(
            "/networking/v2.0/security-group-rules",
            "security_group_rule",
            "'security_group_id': '%s', 'direction': 'ingress', 'protocol': 'tcp',"
                + " 'port_range_min': %d, 'port_range_max': %d",
            cloud.id("/networking/v2.0/security-groups/{id}"),
            cloud.number(),
            cloud.number());
    String port =
        network(
            "port",
            "'network_id': '%s', 'security_groups': [%s], 'fixed_ips': [%s],"
                + " 'allowed_address_pairs': [%s]",
            net,
            String.join(", ", groups),
            cloud.repeated(
                "{'subnet_id': '"
                    + subnet
                    + "', 'ip_address': '10.88."
                    + cloud.number()
                    + ".1%d'}"),
            cloud.repeated("{'ip_address': '10.99.0.%d'}"));
    cloud.know("/networking/v2.0/subnets/{id}", subnet);
    cloud.know("/networking/v2.0/security-group-rules/{id}", rule);
    cloud.know("/networking/v2.0/ports/{id}", port);
    growBeyondTheNetwork();
  }

  private void growBeyondTheNetwork() {
    String router = network("router", "'name': 'grown'");
    String pool =
        network(
            "subnetpool",
            "'name': 'grown', 'prefixes': [%s]",
            cloud.repeated("'10." + cloud.number() + ".%d.0/24'"));
    String outside =
        cloud
            .admin()
            .get("/networking/v2.0/networks?router:external=True")
            .json()
            .at("/networks/0/id")
            .asString();
    String floating = network("floatingip", "'floating_network_id': '%s'", outside);
    cloud.know("/networking/v2.0/routers/{id}", router);
    cloud.know("/networking/v2.0/subnetpools/{id}", pool);
    cloud.know("/networking/v2.0/floatingips/{id}", floating);
    tag();
  }

  private void tag() {
    for (String kind :
        List.of(
            "networks",
            "subnets",
            "ports",
            "routers",
            "subnetpools",
            "floatingips",
            "security-groups")) {
      String path = "/networking/v2.0/" + kind + "/";
      cloud.put(
          path + cloud.id(path + "{id}") + "/tags", "{'tags': [%s]}", cloud.repeated("'tag-%d'"));
      cloud.know(path + "{id}/tags/{tag}", "tag-1");
    }
  }
}
