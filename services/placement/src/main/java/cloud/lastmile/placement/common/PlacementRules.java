package cloud.lastmile.placement.common;

import cloud.lastmile.platform.policy.PolicyRule;

/** Who may do what: the reference's rules under the reference's names. */
public final class PlacementRules {
  public static final PolicyRule LIST_PROVIDERS = rule("resource_providers:list");
  public static final PolicyRule CREATE_PROVIDER = rule("resource_providers:create");
  public static final PolicyRule SHOW_PROVIDER = rule("resource_providers:show");
  public static final PolicyRule UPDATE_PROVIDER = rule("resource_providers:update");
  public static final PolicyRule DELETE_PROVIDER = rule("resource_providers:delete");
  public static final PolicyRule LIST_INVENTORIES = rule("resource_providers:inventories:list");
  public static final PolicyRule CREATE_INVENTORY = rule("resource_providers:inventories:create");
  public static final PolicyRule SHOW_INVENTORY = rule("resource_providers:inventories:show");
  public static final PolicyRule UPDATE_INVENTORY = rule("resource_providers:inventories:update");
  public static final PolicyRule DELETE_INVENTORY = rule("resource_providers:inventories:delete");
  public static final PolicyRule LIST_AGGREGATES = rule("resource_providers:aggregates:list");
  public static final PolicyRule UPDATE_AGGREGATES = rule("resource_providers:aggregates:update");
  public static final PolicyRule LIST_PROVIDER_TRAITS = rule("resource_providers:traits:list");
  public static final PolicyRule UPDATE_PROVIDER_TRAITS = rule("resource_providers:traits:update");
  public static final PolicyRule DELETE_PROVIDER_TRAITS = rule("resource_providers:traits:delete");
  public static final PolicyRule PROVIDER_USAGES = rule("resource_providers:usages");
  public static final PolicyRule PROVIDER_ALLOCATIONS = rule("resource_providers:allocations:list");
  public static final PolicyRule LIST_TRAITS = rule("traits:list");
  public static final PolicyRule SHOW_TRAIT = rule("traits:show");
  public static final PolicyRule UPDATE_TRAIT = rule("traits:update");
  public static final PolicyRule DELETE_TRAIT = rule("traits:delete");
  public static final PolicyRule LIST_CLASSES = rule("resource_classes:list");
  public static final PolicyRule CREATE_CLASS = rule("resource_classes:create");
  public static final PolicyRule SHOW_CLASS = rule("resource_classes:show");
  public static final PolicyRule UPDATE_CLASS = rule("resource_classes:update");
  public static final PolicyRule DELETE_CLASS = rule("resource_classes:delete");
  public static final PolicyRule LIST_ALLOCATIONS = rule("allocations:list");
  public static final PolicyRule MANAGE_ALLOCATIONS = rule("allocations:manage");
  public static final PolicyRule UPDATE_ALLOCATIONS = rule("allocations:update");
  public static final PolicyRule DELETE_ALLOCATIONS = rule("allocations:delete");
  public static final PolicyRule CANDIDATES = rule("allocation_candidates:list");
  public static final PolicyRule USAGES =
      new PolicyRule(
          "placement:usages",
          "role:admin or (role:reader and project_id:%(project_id)s) or role:service");

  private PlacementRules() {}

  private static PolicyRule rule(String name) {
    return new PolicyRule("placement:" + name, PolicyRule.ADMIN_OR_SERVICE);
  }
}
