package cloud.lastmile.placement;

import cloud.lastmile.platform.policy.PolicyRule;

/** Who may do what: the reference's rules under the reference's names. */
final class PlacementRules {
  static final PolicyRule LIST_PROVIDERS = rule("resource_providers:list");
  static final PolicyRule CREATE_PROVIDER = rule("resource_providers:create");
  static final PolicyRule SHOW_PROVIDER = rule("resource_providers:show");
  static final PolicyRule UPDATE_PROVIDER = rule("resource_providers:update");
  static final PolicyRule DELETE_PROVIDER = rule("resource_providers:delete");
  static final PolicyRule LIST_INVENTORIES = rule("resource_providers:inventories:list");
  static final PolicyRule CREATE_INVENTORY = rule("resource_providers:inventories:create");
  static final PolicyRule SHOW_INVENTORY = rule("resource_providers:inventories:show");
  static final PolicyRule UPDATE_INVENTORY = rule("resource_providers:inventories:update");
  static final PolicyRule DELETE_INVENTORY = rule("resource_providers:inventories:delete");
  static final PolicyRule LIST_AGGREGATES = rule("resource_providers:aggregates:list");
  static final PolicyRule UPDATE_AGGREGATES = rule("resource_providers:aggregates:update");
  static final PolicyRule LIST_PROVIDER_TRAITS = rule("resource_providers:traits:list");
  static final PolicyRule UPDATE_PROVIDER_TRAITS = rule("resource_providers:traits:update");
  static final PolicyRule DELETE_PROVIDER_TRAITS = rule("resource_providers:traits:delete");
  static final PolicyRule PROVIDER_USAGES = rule("resource_providers:usages");
  static final PolicyRule PROVIDER_ALLOCATIONS = rule("resource_providers:allocations:list");
  static final PolicyRule LIST_TRAITS = rule("traits:list");
  static final PolicyRule SHOW_TRAIT = rule("traits:show");
  static final PolicyRule UPDATE_TRAIT = rule("traits:update");
  static final PolicyRule DELETE_TRAIT = rule("traits:delete");
  static final PolicyRule LIST_CLASSES = rule("resource_classes:list");
  static final PolicyRule CREATE_CLASS = rule("resource_classes:create");
  static final PolicyRule SHOW_CLASS = rule("resource_classes:show");
  static final PolicyRule UPDATE_CLASS = rule("resource_classes:update");
  static final PolicyRule DELETE_CLASS = rule("resource_classes:delete");
  static final PolicyRule LIST_ALLOCATIONS = rule("allocations:list");
  static final PolicyRule MANAGE_ALLOCATIONS = rule("allocations:manage");
  static final PolicyRule UPDATE_ALLOCATIONS = rule("allocations:update");
  static final PolicyRule DELETE_ALLOCATIONS = rule("allocations:delete");
  static final PolicyRule CANDIDATES = rule("allocation_candidates:list");
  static final PolicyRule USAGES =
      new PolicyRule(
          "placement:usages",
          "role:admin or (role:reader and project_id:%(project_id)s) or role:service");

  private PlacementRules() {}

  private static PolicyRule rule(String name) {
    return new PolicyRule("placement:" + name, PolicyRule.ADMIN_OR_SERVICE);
  }
}
