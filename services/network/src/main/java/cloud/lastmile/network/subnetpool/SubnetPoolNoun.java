package cloud.lastmile.network.subnetpool;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.Standard;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.resource.Attribute;
import cloud.lastmile.platform.resource.Column;
import cloud.lastmile.platform.resource.Create;
import cloud.lastmile.platform.resource.Hooks;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.resource.Stored;
import cloud.lastmile.platform.resource.Update;
import cloud.lastmile.platform.resource.Values;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** {@code /v2.0/subnetpools}: prefixes out of which subnets get theirs. */
public final class SubnetPoolNoun implements Hooks<NetworkWrite> {

  public static final Noun NOUN =
      Standard.tagged(
              Standard.noun(
                      "subnetpool",
                      "subnetpools",
                      "network.subnetpool r",
                      new Noun.Rules(
                          new PolicyRule(
                              "get_subnetpool",
                              PolicyRule.ADMIN_OR_PROJECT_READER + " or " + Standard.SHARED),
                          PolicyRule.member("create_subnetpool"),
                          PolicyRule.member("update_subnetpool"),
                          PolicyRule.member("delete_subnetpool")))
                  .has(
                      Attribute.of(Column.text("name"), Converters.text(255)).mandatory(),
                      Attribute.of(
                              Column.json("prefixes", "to_json(r.prefixes)"),
                              SubnetPoolNoun::prefixes)
                          .stored(Stored.array("prefixes", "cidr"))
                          .mandatory(),
                      Attribute.shown(Column.integer("ip_version"))
                          .stored(Stored.in("ip_version", Column.Kind.INTEGER)),
                      length("min_prefixlen"),
                      length("max_prefixlen"),
                      length("default_prefixlen"),
                      Attribute.of(
                          Column.integer("default_quota").orNull(),
                          Converters.orNull(Converters.integer(0, Integer.MAX_VALUE))),
                      Attribute.shown(
                          Column.text("address_scope_id", "CAST(NULL AS text)")
                              .orNull()
                              .shownOnly()),
                      Attribute.of(Column.bool("shared"), Converters::bool)
                          .absent(false)
                          .createOnly()
                          .only(PolicyRule.ADMIN),
                      Attribute.of(Column.bool("is_default"), Converters::bool)
                          .absent(false)
                          .only(PolicyRule.ADMIN)))
          .visible(project -> Condition.of("r.project_id = {} OR r.shared", project))
          .missing(id ->
              Errors.notFound("SubnetPoolNotFound", "Subnet pool " + id + " could not be found."))
          .violating(
              "subnetpool_default",
              _ ->
                  Errors.invalidInput(
                      "A default subnetpool for this IP family has already been set. Only one"
                          + " default may exist per IP family"))
          .violating(
              "subnet_subnetpool",
              _ ->
                  Errors.badRequest(
                      "SubnetPoolDeleteError",
                      "Unable to delete subnet pool: Subnet pool has existing allocations."))
          .build();

  /** The reference shows these as text. */
  private static Attribute length(String name) {
    return Attribute.of(
            Column.text(name, "r." + name + "::text"),
            Converters.orNull(Converters.integer(0, 128)))
        .stored(Stored.in(name, Column.Kind.INTEGER));
  }

  /** A list, or one alone. */
  private static JsonNode prefixes(String name, JsonNode value) {
    if (value.isString()) {
      return Json.array().add(AddressConverters.subnet(name, value));
    }
    return Converters.list(AddressConverters::subnet).convert(name, value);
  }

  @Override
  public Values inserting(NetworkWrite write, Create create) {
    return SubnetPool.of(create.id(), create.values()).into(create.values());
  }

  @Override
  public Values updating(NetworkWrite write, Update update) {
    SubnetPool pool =
        SubnetPoolStore.lock(write.handle(), update.id(), Optional.empty())
            .orElseThrow(() -> NOUN.missing(update.id().toString()));
    return pool.with(update.values()).into(update.values());
  }
}
