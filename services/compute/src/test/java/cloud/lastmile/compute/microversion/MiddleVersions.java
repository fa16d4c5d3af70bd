package cloud.lastmile.compute.microversion;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.Await;

/** 2.37 to 2.62. */
final class MiddleVersions extends VersionEffects {
  MiddleVersions(TestingCompute compute, String server) {
    super(compute, server);
    from37();
    from45();
    from49();
    from54();
  }

  private void from37() {
    status(
        37,
        "no network by name",
        400,
        202,
        (clients, _) -> make(clients.member(), "\"networks\": \"none\""));
    status(
        38,
        "a status that is none",
        200,
        400,
        (clients, _) -> clients.member().get(SERVERS + "?status=nonsense"));
    fieldGone(39, "/limits", "/limits/absolute/maxImageMeta");
    effect(
        40,
        "pages of usage",
        "false",
        "true",
        (clients, _) ->
            Boolean.toString(
                clients
                    .admin()
                    .get(ROOT + "/os-simple-tenant-usage/p1?limit=1")
                    .json()
                    .has("tenant_usage_links")));
    effect(
        41,
        "an aggregate's uuid",
        "false",
        "true",
        (clients, _) ->
            Boolean.toString(
                clients
                    .admin()
                    .post(
                        ROOT + "/os-aggregates",
                        "{\"aggregate\": {\"name\": \"%s\"}}".formatted(name()))
                    .json()
                    .path("aggregate")
                    .has("uuid")));
    status(
        42,
        "an interface's tag again",
        400,
        202,
        (clients, _) ->
            make(
                clients.member(),
                "\"networks\": [{\"uuid\": \"%s\", \"tag\": \"t\"}]".formatted(compute.network)));
    absent(43, "/os-hosts");
    noAction(44, "{\"addFixedIp\": {\"networkId\": \"1\"}}");
  }

  private void from45() {
    effect(
        45,
        "an image made of a server",
        "",
        "image_id",
        (clients, _) -> {
          String made =
              act(clients.member(), "{\"createImage\": {\"name\": \"%s\"}}".formatted(name()))
                  .text();
          compute.await(server, "ACTIVE");
          Await.until(
              "the snapshot is over",
              () ->
                  compute
                      .admin()
                      .get(SERVERS + "/" + server)
                      .json()
                      .at("/server/OS-EXT-STS:task_state")
                      .isNull());
          return made.contains("image_id") ? "image_id" : made;
        });
    effect(
        46,
        "the request's id",
        "true",
        "true",
        (clients, _) ->
            Boolean.toString(
                clients
                    .member()
                    .get(SERVERS)
                    .headers()
                    .firstValue("X-OpenStack-Request-Id")
                    .isPresent()));
    field(47, "/servers/{server}", "/server/flavor/original_name");
    effect(
        48,
        "no diagnostics",
        "501",
        "501",
        (clients, _) ->
            Integer.toString(
                clients.admin().get(SERVERS + "/" + server + "/diagnostics").status()));
  }

  private void from49() {
    status(
        49,
        "an interface's tag later",
        400,
        200,
        (clients, _) ->
            clients
                .member()
                .post(
                    SERVERS + "/" + server + "/os-interface",
                    "{\"interfaceAttachment\": {\"net_id\": \"%s\", \"tag\": \"x\"}}"
                        .formatted(compute.network)));
    effect(
        50,
        "groups in the quota's class",
        "false",
        "true",
        (clients, _) ->
            Boolean.toString(
                clients
                    .admin()
                    .get(ROOT + "/os-quota-class-sets/default")
                    .json()
                    .path("quota_class_set")
                    .has("server_groups")));
    effect(
        51,
        "a member sees what happened in an action",
        "false",
        "true",
        (clients, _) -> Boolean.toString(action(clients.member()).has("events")));
    status(
        52,
        "tags from the start",
        400,
        202,
        (clients, _) -> make(clients.member(), "\"tags\": [\"t\"]"));
    effect(
        53,
        "a service's id",
        "NUMBER",
        "STRING",
        (clients, _) ->
            clients
                .admin()
                .get(ROOT + "/os-services")
                .json()
                .at("/services/0/id")
                .getNodeType()
                .toString());
  }

  private void from54() {
    status(
        54,
        "another key at a rebuild",
        400,
        202,
        (clients, _) -> rebuild(clients, "\"key_name\": null"));
    field(55, "/flavors/1", "/flavor/description");
    noAction(56, "{\"migrate\": {\"host\": \"host1\"}}");
    status(
        57,
        "files put into a server",
        202,
        400,
        (clients, _) -> make(clients.member(), "\"personality\": []"));
    effect(
        58,
        "when an action changed",
        "false",
        "true",
        (clients, _) ->
            Boolean.toString(
                clients
                    .member()
                    .get(SERVERS + "/" + server + "/os-instance-actions")
                    .json()
                    .at("/instanceActions/0")
                    .has("updated_at")));
    absent(59, "/os-migrations");
    absent(60, "/os-volumes");
    field(61, "/flavors/1", "/flavor/extra_specs");
    effect(
        62,
        "where an event was",
        "false",
        "true",
        (clients, _) -> Boolean.toString(action(clients.admin()).at("/events/0").has("hostId")));
  }
}
