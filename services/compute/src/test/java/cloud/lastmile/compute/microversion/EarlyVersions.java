package cloud.lastmile.compute.microversion;

import cloud.lastmile.compute.TestingCompute;
import java.util.UUID;

/** 2.2 to 2.36. */
final class EarlyVersions extends VersionEffects {
  EarlyVersions(TestingCompute compute, String server) {
    super(compute, server);
    from2();
    from8();
    from18();
    from29();
    from36();
  }

  private void from2() {
    status(
        2,
        "a keypair is made",
        200,
        201,
        (clients, _) ->
            clients
                .member()
                .post(
                    ROOT + "/os-keypairs", "{\"keypair\": {\"name\": \"%s\"}}".formatted(name())));
    field(3, "/servers/{server}", "/server/OS-EXT-SRV-ATTR:user_data");
    absent(4, "/os-fixed-ips/10.0.0.1");
    effect(
        5,
        "a member's filter ip6",
        "1",
        "0",
        (clients, _) ->
            Integer.toString(
                clients
                    .member()
                    .get(SERVERS + "?ip6=none&name=subject")
                    .json()
                    .path("servers")
                    .size()));
    status(
        6,
        "remote consoles",
        404,
        400,
        (clients, _) -> clients.member().post(SERVERS + "/" + server + "/remote-consoles", "{}"));
    status(
        7,
        "access to a public flavor",
        200,
        409,
        (clients, _) ->
            clients
                .admin()
                .post(ROOT + "/flavors/1/action", "{\"addTenantAccess\": {\"tenant\": \"p1\"}}"));
  }

  private void from8() {
    effect(
        8,
        "no console of the kind mks",
        "400",
        "400",
        (clients, _) ->
            Integer.toString(
                clients
                    .member()
                    .post(
                        SERVERS + "/" + server + "/remote-consoles",
                        "{\"remote_console\": {\"protocol\": \"mks\", \"type\": \"webmks\"}}")
                    .status()));
    field(9, "/servers/{server}", "/server/locked");
    status(
        10,
        "another user's keypair",
        400,
        201,
        (clients, _) ->
            clients
                .admin()
                .post(
                    ROOT + "/os-keypairs",
                    "{\"keypair\": {\"name\": \"%s\", \"user_id\": \"u\"}}".formatted(name())));
    field(11, "/os-services", "/services/0/forced_down");
    absent(12, "/servers/{server}/os-virtual-interfaces");
    effect(
        13,
        "whose a server group is",
        "false",
        "true",
        (clients, _) -> Boolean.toString(group(clients, "affinity").has("project_id")));
    noAction(14, "{\"evacuate\": {\"onSharedStorage\": false}}");
    effect(
        15,
        "the policy soft-affinity",
        "false",
        "true",
        (clients, _) -> Boolean.toString(group(clients, "soft-affinity").has("id")));
    field(16, "/servers/{server}", "/server/host_status");
    status(
        17,
        "a crash dump",
        400,
        202,
        (clients, _) -> act(clients.admin(), "{\"trigger_crash_dump\": null}"));
  }

  private void from18() {
    effect(
        18,
        "a project's id in the path",
        "200",
        "200",
        (clients, _) -> Integer.toString(clients.member().get("/compute/v2.1/servers").status()));
    field(19, "/servers/{server}", "/server/description");
    absent(20, "/servers/{server}/os-volume_attachments/" + new UUID(0, 1));
    effect(
        21,
        "what was done with a deleted server",
        "404",
        "200",
        (clients, _) ->
            Integer.toString(
                clients.admin().get(SERVERS + "/" + deleted() + "/os-instance-actions").status()));
    absent(22, "/servers/{server}/migrations/1");
    absent(23, "/servers/{server}/migrations");
    absent(24, "/servers/{server}/migrations/2");
    noAction(25, "{\"os-migrateLive\": {\"host\": null, \"block_migration\": \"auto\"}}");
    status(
        26,
        "tags",
        404,
        200,
        (clients, _) -> clients.member().get(SERVERS + "/" + server + "/tags"));
    effect(
        27,
        "the header OpenStack-API-Version",
        "2.26",
        "2.27",
        (clients, minor) ->
            clients
                .admin()
                .get(ROOT + "/flavors")
                .headers()
                .firstValue("OpenStack-API-Version")
                .orElse("")
                .replace("compute ", ""));
    effect(
        28,
        "the processor's description",
        "STRING",
        "OBJECT",
        (clients, _) ->
            clients
                .admin()
                .get(ROOT + "/os-hypervisors/detail")
                .json()
                .at("/hypervisors/0/cpu_info")
                .getNodeType()
                .toString());
  }

  private void from29() {
    noAction(29, "{\"evacuate\": {\"host\": \"host1\", \"force\": true}}");
    noAction(
        30,
        "{\"os-migrateLive\": {\"host\": \"host1\", \"block_migration\": \"auto\", \"force\": true}}");
    absent(31, "/os-console-auth-tokens/abc");
    status(
        32,
        "an interface's tag",
        400,
        202,
        (clients, _) ->
            make(
                clients.member(),
                "\"networks\": [{\"uuid\": \"%s\", \"tag\": \"t\"}]".formatted(compute.network)));
    effect(
        33,
        "pages of hypervisors",
        "1",
        "0",
        (clients, _) ->
            Integer.toString(
                    clients
                        .admin()
                        .get(ROOT + "/os-hypervisors?limit=0")
                        .json()
                        .path("hypervisors")
                        .size())
                .replace("1", "1"));
    noAction(34, "{\"os-migrateLive\": {\"host\": null, \"block_migration\": \"auto\"}}");
    effect(
        35,
        "pages of keypairs",
        "many",
        "1",
        (clients, _) -> {
          clients
              .member()
              .post(ROOT + "/os-keypairs", "{\"keypair\": {\"name\": \"%s\"}}".formatted(name()));
          int shown =
              clients.member().get(ROOT + "/os-keypairs?limit=1").json().path("keypairs").size();
          return shown > 1 ? "many" : Integer.toString(shown);
        });
    status(
        36,
        "the image proxy",
        404,
        404,
        (clients, _) -> clients.member().get(ROOT + "/images/none"));
  }

  private void from36() {
    effect(
        36,
        "networks' quota",
        "true",
        "false",
        (clients, _) ->
            Boolean.toString(
                clients
                    .admin()
                    .get(ROOT + "/os-quota-sets/p1")
                    .json()
                    .path("quota_set")
                    .has("floating_ips")));
  }
}
