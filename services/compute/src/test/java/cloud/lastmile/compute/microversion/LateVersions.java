package cloud.lastmile.compute.microversion;

import cloud.lastmile.compute.TestingCompute;
import java.util.UUID;

/** 2.63 and later. */
final class LateVersions extends VersionEffects {
  LateVersions(TestingCompute compute, String server) {
    super(compute, server);
    from63();
    from72();
    from83();
    from90();
  }

  private void from63() {
    field(63, "/servers/{server}", "/server/trusted_image_certificates");
    status(
        64,
        "one policy with rules",
        400,
        200,
        (clients, _) ->
            clients
                .member()
                .post(
                    ROOT + "/os-server-groups",
                    "{\"server_group\": {\"name\": \"%s\", \"policy\": \"affinity\"}}"
                        .formatted(name())));
    absent(65, "/servers/{server}/migrations/3");
    effect(
        66,
        "changes-before",
        "1",
        "0",
        (clients, _) ->
            Integer.toString(
                clients
                    .member()
                    .get(SERVERS + "?name=subject&changes-before=2001-01-01T00:00:00Z")
                    .json()
                    .path("servers")
                    .size()));
    status(
        67,
        "a volume's type",
        400,
        400,
        (clients, _) ->
            make(
                clients.member(),
                "\"block_device_mapping_v2\": [{\"boot_index\": 0, \"source_type\": \"image\", \"destination_type\": \"volume\", \"volume_type\": \"lvm\"}]"));
    noAction(68, "{\"evacuate\": {\"host\": \"host1\", \"force\": true}}");
    effect(
        69,
        "cells that are down",
        "200",
        "200",
        (clients, _) -> Integer.toString(clients.admin().get(SERVERS + "?all_tenants=1").status()));
    field(70, "/servers/{server}/os-interface", "/interfaceAttachments/0/tag");
    field(71, "/servers/{server}", "/server/server_groups");
  }

  private void from72() {
    effect(
        72,
        "a port with guaranteed bandwidth",
        "404",
        "404",
        (clients, _) ->
            Integer.toString(clients.member().get(SERVERS + "/" + new UUID(0, 2)).status()));
    field(73, "/servers/{server}", "/server/locked_reason");
    status(
        74,
        "the host by its name",
        400,
        202,
        (clients, _) -> make(clients.admin(), "\"host\": \"host1\"", "\"networks\": \"none\""));
    effect(
        75,
        "a flavor's missing swap",
        "STRING",
        "NUMBER",
        (clients, _) ->
            clients
                .member()
                .get(ROOT + "/flavors/1")
                .json()
                .at("/flavor/swap")
                .getNodeType()
                .toString());
    absent(76, "/os-server-external-events");
    noAction(77, "{\"unshelve\": {\"availability_zone\": \"nova\"}}");
    absent(78, "/servers/{server}/topology");
    absent(79, "/servers/{server}/os-volume_attachments/" + new UUID(0, 3));
    absent(80, "/os-migrations");
    effect(
        81,
        "images fetched ahead",
        "404",
        "400",
        (clients, _) ->
            Integer.toString(
                clients.admin().post(ROOT + "/os-aggregates/1/images", "{}").status()));
    absent(82, "/os-server-external-events");
  }

  private void from83() {
    effect(
        83,
        "a member's filter key_name",
        "ignored",
        "heeded",
        (clients, _) ->
            clients
                    .member()
                    .get(SERVERS + "?name=subject&key_name=none")
                    .json()
                    .path("servers")
                    .isEmpty()
                ? "heeded"
                : "ignored");
    effect(
        84,
        "an event's details",
        "false",
        "true",
        (clients, _) -> Boolean.toString(action(clients.admin()).at("/events/0").has("details")));
    absent(85, "/servers/{server}/os-volume_attachments/" + new UUID(0, 4));
    status(
        86,
        "a flavor's extra spec that is none",
        200,
        400,
        (clients, _) ->
            clients
                .admin()
                .post(
                    ROOT + "/flavors/2/os-extra_specs",
                    "{\"extra_specs\": {\"hw:no_such\": \"1\"}}"));
    noAction(87, "{\"rescue\": {}}");
    effect(
        88,
        "used processors of a hypervisor",
        "true",
        "false",
        (clients, _) ->
            Boolean.toString(
                clients
                    .admin()
                    .get(ROOT + "/os-hypervisors/detail")
                    .json()
                    .at("/hypervisors/0")
                    .has("vcpus_used")));
    absent(89, "/servers/{server}/os-volume_attachments/" + new UUID(0, 5));
  }

  private void from90() {
    status(
        90,
        "a server's hostname",
        400,
        202,
        (clients, _) -> make(clients.member(), "\"hostname\": \"host\""));
    noAction(91, "{\"unshelve\": {\"host\": \"host1\"}}");
    status(
        92,
        "a key is made for one",
        201,
        400,
        (clients, _) ->
            clients
                .member()
                .post(
                    ROOT + "/os-keypairs", "{\"keypair\": {\"name\": \"%s\"}}".formatted(name())));
    status(
        93,
        "a rebuild of a server on a volume",
        404,
        404,
        (clients, _) ->
            clients
                .member()
                .post(
                    SERVERS + "/" + new UUID(0, 6) + "/action",
                    "{\"rebuild\": {\"imageRef\": \"%s\"}}".formatted(compute.image)));
  }
}
