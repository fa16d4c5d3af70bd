package cloud.lastmile.image.metadef;

import cloud.lastmile.platform.policy.PolicyRule;

/**
 * Who may do what to metadata definitions: administrators write, those who see a namespace read.
 */
final class MetadefRules {
  private static final String VISIBLE =
      "role:admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))";

  static final PolicyRule LIST_NAMESPACES = PolicyRule.reader("get_metadef_namespaces");
  static final PolicyRule LIST_RESOURCE_TYPES = PolicyRule.reader("list_metadef_resource_types");
  static final PolicyRule GET_NAMESPACE = new PolicyRule("get_metadef_namespace", VISIBLE);
  static final PolicyRule ADD_NAMESPACE = PolicyRule.admin("add_metadef_namespace");
  static final PolicyRule MODIFY_NAMESPACE = PolicyRule.admin("modify_metadef_namespace");
  static final PolicyRule DELETE_NAMESPACE = PolicyRule.admin("delete_metadef_namespace");
  static final PolicyRule ADD_TAGS = PolicyRule.admin("add_metadef_tags");

  private MetadefRules() {}

  static PolicyRule read(ItemKind kind) {
    return new PolicyRule("get_metadef_" + kind.column(), VISIBLE);
  }

  static PolicyRule list(ItemKind kind) {
    return kind == ItemKind.RESOURCE_TYPE
        ? read(kind)
        : new PolicyRule("get_metadef_" + kind.path(), VISIBLE);
  }

  static PolicyRule add(ItemKind kind) {
    return PolicyRule.admin(
        "add_metadef_" + (kind == ItemKind.RESOURCE_TYPE ? association(kind) : kind.column()));
  }

  static PolicyRule modify(ItemKind kind) {
    return PolicyRule.admin("modify_metadef_" + kind.column());
  }

  static PolicyRule remove(ItemKind kind) {
    return switch (kind) {
      case OBJECT, TAG -> PolicyRule.admin("delete_metadef_" + kind.column());
      case PROPERTY -> PolicyRule.admin("remove_metadef_property");
      case RESOURCE_TYPE -> PolicyRule.admin("remove_metadef_" + association(kind));
    };
  }

  /** All of a namespace at once. */
  static PolicyRule removeAll(ItemKind kind) {
    return kind == ItemKind.TAG ? PolicyRule.admin("delete_metadef_tags") : DELETE_NAMESPACE;
  }

  private static String association(ItemKind kind) {
    return kind.column() + "_association";
  }
}
