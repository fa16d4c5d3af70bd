package cloud.lastmile.compute.common;

import static cloud.lastmile.platform.policy.PolicyRule.admin;
import static cloud.lastmile.platform.policy.PolicyRule.member;
import static cloud.lastmile.platform.policy.PolicyRule.reader;

import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;

/** The policy rules of compute with the reference's names and defaults. */
public final class ComputePolicies {
  private static final String ROOT = "os_compute_api:";
  private static final String SERVERS = ROOT + "servers:";

  public static final PolicyRule FLAVORS_LIST = any(ROOT + "flavors");
  public static final PolicyRule FLAVOR_CREATE = admin(ROOT + "os-flavor-manage:create");
  public static final PolicyRule FLAVOR_UPDATE = admin(ROOT + "os-flavor-manage:update");
  public static final PolicyRule FLAVOR_DELETE = admin(ROOT + "os-flavor-manage:delete");
  public static final PolicyRule FLAVOR_ACCESS = admin(ROOT + "os-flavor-access");
  public static final PolicyRule FLAVOR_ACCESS_ADD =
      admin(ROOT + "os-flavor-access:add_tenant_access");
  public static final PolicyRule FLAVOR_ACCESS_REMOVE =
      admin(ROOT + "os-flavor-access:remove_tenant_access");
  public static final PolicyRule EXTRA_SPECS_INDEX = reader(ROOT + "os-flavor-extra-specs:index");
  public static final PolicyRule EXTRA_SPECS_SHOW = reader(ROOT + "os-flavor-extra-specs:show");
  public static final PolicyRule EXTRA_SPECS_CREATE = admin(ROOT + "os-flavor-extra-specs:create");
  public static final PolicyRule EXTRA_SPECS_UPDATE = admin(ROOT + "os-flavor-extra-specs:update");
  public static final PolicyRule EXTRA_SPECS_DELETE = admin(ROOT + "os-flavor-extra-specs:delete");

  public static final PolicyRule KEYPAIRS_INDEX = ownKeys("index");
  public static final PolicyRule KEYPAIRS_CREATE = ownKeys("create");
  public static final PolicyRule KEYPAIRS_DELETE = ownKeys("delete");
  public static final PolicyRule KEYPAIRS_SHOW = ownKeys("show");

  public static final PolicyRule SERVERS_INDEX = reader(SERVERS + "index");
  public static final PolicyRule SERVERS_DETAIL = reader(SERVERS + "detail");
  public static final PolicyRule SERVERS_INDEX_ALL = admin(SERVERS + "index:get_all_tenants");
  public static final PolicyRule SERVERS_DETAIL_ALL = admin(SERVERS + "detail:get_all_tenants");
  public static final PolicyRule SERVERS_ALL_FILTERS = admin(SERVERS + "allow_all_filters");
  public static final PolicyRule SERVERS_SHOW = reader(SERVERS + "show");
  public static final PolicyRule SHOW_EXTRA_SPECS = reader(SERVERS + "show:flavor-extra-specs");
  public static final PolicyRule SHOW_HOST_STATUS = admin(SERVERS + "show:host_status");
  public static final PolicyRule EXTENDED_ATTRIBUTES =
      admin(ROOT + "os-extended-server-attributes");
  public static final PolicyRule SERVERS_CREATE = member(SERVERS + "create");
  public static final PolicyRule SERVERS_FORCED_HOST = admin(SERVERS + "create:forced_host");
  public static final PolicyRule SERVERS_REQUESTED_DESTINATION =
      admin("compute:servers:create:requested_destination");
  public static final PolicyRule SERVERS_ATTACH_NETWORK = member(SERVERS + "create:attach_network");
  public static final PolicyRule SERVERS_EXTERNAL_NETWORK =
      admin("network:attach_external_network");
  public static final PolicyRule SERVERS_ZERO_DISK_FLAVOR =
      admin(SERVERS + "create:zero_disk_flavor");
  public static final PolicyRule SERVERS_DELETE = member(SERVERS + "delete");
  public static final PolicyRule SERVERS_UPDATE = member(SERVERS + "update");

  /** Names the route; each action is checked against its own rule below. */
  public static final PolicyRule SERVERS_ACTION = any(SERVERS + "action");

  public static final PolicyRule SERVERS_REBOOT = member(SERVERS + "reboot");
  public static final PolicyRule SERVERS_REBUILD = member(SERVERS + "rebuild");
  public static final PolicyRule SERVERS_RESIZE = member(SERVERS + "resize");
  public static final PolicyRule SERVERS_CONFIRM_RESIZE = member(SERVERS + "confirm_resize");
  public static final PolicyRule SERVERS_REVERT_RESIZE = member(SERVERS + "revert_resize");
  public static final PolicyRule SERVERS_CREATE_IMAGE = member(SERVERS + "create_image");
  public static final PolicyRule SERVERS_START = member(SERVERS + "start");
  public static final PolicyRule SERVERS_STOP = member(SERVERS + "stop");
  public static final PolicyRule SERVERS_CRASH_DUMP = member(SERVERS + "trigger_crash_dump");
  public static final PolicyRule RESET_STATE = admin(ROOT + "os-admin-actions:reset_state");
  public static final PolicyRule INJECT_NETWORK_INFO =
      admin(ROOT + "os-admin-actions:inject_network_info");
  public static final PolicyRule ADMIN_PASSWORD = member(ROOT + "os-admin-password");
  public static final PolicyRule CONSOLE_OUTPUT = member(ROOT + "os-console-output");
  public static final PolicyRule REMOTE_CONSOLES = member(ROOT + "os-remote-consoles");
  public static final PolicyRule CREATE_BACKUP = member(ROOT + "os-create-backup");
  public static final PolicyRule FORCE_DELETE = member(ROOT + "os-deferred-delete:force");
  public static final PolicyRule RESTORE = member(ROOT + "os-deferred-delete:restore");
  public static final PolicyRule LOCK = member(ROOT + "os-lock-server:lock");
  public static final PolicyRule UNLOCK = member(ROOT + "os-lock-server:unlock");
  public static final PolicyRule UNLOCK_OVERRIDE =
      admin(ROOT + "os-lock-server:unlock:unlock_override");
  public static final PolicyRule PAUSE = member(ROOT + "os-pause-server:pause");
  public static final PolicyRule UNPAUSE = member(ROOT + "os-pause-server:unpause");
  public static final PolicyRule SUSPEND = member(ROOT + "os-suspend-server:suspend");
  public static final PolicyRule RESUME = member(ROOT + "os-suspend-server:resume");
  public static final PolicyRule RESCUE = member(ROOT + "os-rescue");
  public static final PolicyRule UNRESCUE = member(ROOT + "os-unrescue");
  public static final PolicyRule SHELVE = member(ROOT + "os-shelve:shelve");
  public static final PolicyRule UNSHELVE = member(ROOT + "os-shelve:unshelve");
  public static final PolicyRule SHELVE_OFFLOAD = admin(ROOT + "os-shelve:shelve_offload");
  public static final PolicyRule MIGRATE =
      new PolicyRule(ROOT + "os-migrate-server:migrate", PolicyRule.ADMIN_OR_PROJECT_MANAGER);
  public static final PolicyRule MIGRATE_LIVE =
      new PolicyRule(ROOT + "os-migrate-server:migrate_live", PolicyRule.ADMIN_OR_PROJECT_MANAGER);
  public static final PolicyRule EVACUATE = admin(ROOT + "os-evacuate");
  public static final PolicyRule SECURITY_GROUPS_LIST = reader(ROOT + "os-security-groups:list");
  public static final PolicyRule SECURITY_GROUPS_ADD = member(ROOT + "os-security-groups:add");
  public static final PolicyRule SECURITY_GROUPS_REMOVE =
      member(ROOT + "os-security-groups:remove");
  public static final PolicyRule MULTINIC_ADD = member(ROOT + "os-multinic:add");
  public static final PolicyRule MULTINIC_REMOVE = member(ROOT + "os-multinic:remove");
  public static final PolicyRule FLOATING_IPS_ADD = member(ROOT + "os-floating-ips:add");
  public static final PolicyRule FLOATING_IPS_REMOVE = member(ROOT + "os-floating-ips:remove");

  public static final PolicyRule METADATA_INDEX = reader(ROOT + "server-metadata:index");
  public static final PolicyRule METADATA_SHOW = reader(ROOT + "server-metadata:show");
  public static final PolicyRule METADATA_CREATE = member(ROOT + "server-metadata:create");
  public static final PolicyRule METADATA_UPDATE_ALL = member(ROOT + "server-metadata:update_all");
  public static final PolicyRule METADATA_UPDATE = member(ROOT + "server-metadata:update");
  public static final PolicyRule METADATA_DELETE = member(ROOT + "server-metadata:delete");
  public static final PolicyRule TAGS_INDEX = reader(ROOT + "os-server-tags:index");
  public static final PolicyRule TAGS_SHOW = reader(ROOT + "os-server-tags:show");
  public static final PolicyRule TAGS_UPDATE = member(ROOT + "os-server-tags:update");
  public static final PolicyRule TAGS_UPDATE_ALL = member(ROOT + "os-server-tags:update_all");
  public static final PolicyRule TAGS_DELETE = member(ROOT + "os-server-tags:delete");
  public static final PolicyRule TAGS_DELETE_ALL = member(ROOT + "os-server-tags:delete_all");
  public static final PolicyRule IPS_INDEX = reader(ROOT + "ips:index");
  public static final PolicyRule IPS_SHOW = reader(ROOT + "ips:show");
  public static final PolicyRule ACTIONS_LIST = reader(ROOT + "os-instance-actions:list");
  public static final PolicyRule ACTIONS_SHOW = reader(ROOT + "os-instance-actions:show");
  public static final PolicyRule ACTIONS_EVENTS = admin(ROOT + "os-instance-actions:events");
  public static final PolicyRule ACTIONS_EVENT_DETAILS =
      admin(ROOT + "os-instance-actions:events:details");
  public static final PolicyRule INTERFACES_LIST = reader(ROOT + "os-attach-interfaces:list");
  public static final PolicyRule INTERFACES_SHOW = reader(ROOT + "os-attach-interfaces:show");
  public static final PolicyRule INTERFACES_CREATE = member(ROOT + "os-attach-interfaces:create");
  public static final PolicyRule INTERFACES_DELETE = member(ROOT + "os-attach-interfaces:delete");
  public static final PolicyRule VOLUMES_INDEX = reader(ROOT + "os-volumes-attachments:index");
  static final PolicyRule VOLUMES_SHOW = reader(ROOT + "os-volumes-attachments:show");
  public static final PolicyRule VOLUMES_CREATE = member(ROOT + "os-volumes-attachments:create");
  static final PolicyRule VOLUMES_UPDATE = member(ROOT + "os-volumes-attachments:update");
  static final PolicyRule VOLUMES_DELETE = member(ROOT + "os-volumes-attachments:delete");
  public static final PolicyRule DIAGNOSTICS = admin(ROOT + "os-server-diagnostics");
  public static final PolicyRule PASSWORD_SHOW = reader(ROOT + "os-server-password:show");
  static final PolicyRule PASSWORD_CLEAR = member(ROOT + "os-server-password:clear");

  public static final PolicyRule LIMITS = any(ROOT + "limits");
  public static final PolicyRule LIMITS_OTHER_PROJECT = admin(ROOT + "limits:other_project");
  public static final PolicyRule QUOTAS_SHOW = reader(ROOT + "os-quota-sets:show");
  public static final PolicyRule QUOTAS_DEFAULTS = any(ROOT + "os-quota-sets:defaults");
  public static final PolicyRule QUOTAS_DETAIL = reader(ROOT + "os-quota-sets:detail");
  public static final PolicyRule QUOTAS_UPDATE = admin(ROOT + "os-quota-sets:update");
  public static final PolicyRule QUOTAS_DELETE = admin(ROOT + "os-quota-sets:delete");
  public static final PolicyRule QUOTA_CLASS_SHOW = admin(ROOT + "os-quota-class-sets:show");
  static final PolicyRule QUOTA_CLASS_UPDATE = admin(ROOT + "os-quota-class-sets:update");
  public static final PolicyRule ZONES_LIST = any(ROOT + "os-availability-zone:list");
  public static final PolicyRule ZONES_DETAIL = admin(ROOT + "os-availability-zone:detail");

  /** Who may see an image is the image service's to say, before this is asked. */
  public static final PolicyRule IMAGES_SHOW = any(ROOT + "images:show");

  /** The image service's own rule, so that an operator who overrides it overrides both. */
  public static final PolicyRule IMAGES_DELETE = member("delete_image");

  public static final PolicyRule EXTENSIONS = any(ROOT + "extensions");
  public static final PolicyRule SERVICES_LIST = admin(ROOT + "os-services:list");
  public static final PolicyRule SERVICES_UPDATE = admin(ROOT + "os-services:update");
  public static final PolicyRule SERVICES_DELETE = admin(ROOT + "os-services:delete");
  public static final PolicyRule HYPERVISORS_LIST = admin(ROOT + "os-hypervisors:list");
  public static final PolicyRule HYPERVISORS_DETAIL = admin(ROOT + "os-hypervisors:list-detail");
  public static final PolicyRule HYPERVISORS_STATISTICS = admin(ROOT + "os-hypervisors:statistics");
  public static final PolicyRule HYPERVISORS_SHOW = admin(ROOT + "os-hypervisors:show");
  public static final PolicyRule HYPERVISORS_UPTIME = admin(ROOT + "os-hypervisors:uptime");
  public static final PolicyRule HYPERVISORS_SEARCH = admin(ROOT + "os-hypervisors:search");
  public static final PolicyRule HYPERVISORS_SERVERS = admin(ROOT + "os-hypervisors:servers");
  public static final PolicyRule GROUPS_INDEX = reader(ROOT + "os-server-groups:index");
  public static final PolicyRule GROUPS_INDEX_ALL =
      admin(ROOT + "os-server-groups:index:all_projects");
  public static final PolicyRule GROUPS_SHOW = reader(ROOT + "os-server-groups:show");
  public static final PolicyRule GROUPS_CREATE = member(ROOT + "os-server-groups:create");
  public static final PolicyRule GROUPS_DELETE = member(ROOT + "os-server-groups:delete");
  public static final PolicyRule AGGREGATES_INDEX = admin(ROOT + "os-aggregates:index");
  public static final PolicyRule AGGREGATES_SHOW = admin(ROOT + "os-aggregates:show");
  public static final PolicyRule AGGREGATES_CREATE = admin(ROOT + "os-aggregates:create");
  public static final PolicyRule AGGREGATES_UPDATE = admin(ROOT + "os-aggregates:update");
  public static final PolicyRule AGGREGATES_DELETE = admin(ROOT + "os-aggregates:delete");
  public static final PolicyRule AGGREGATES_ADD_HOST = admin(ROOT + "os-aggregates:add_host");
  public static final PolicyRule AGGREGATES_REMOVE_HOST = admin(ROOT + "os-aggregates:remove_host");
  public static final PolicyRule AGGREGATES_SET_METADATA =
      admin(ROOT + "os-aggregates:set_metadata");
  public static final PolicyRule AGGREGATES_IMAGES = admin("compute:aggregates:images");
  public static final PolicyRule USAGE_LIST = admin(ROOT + "os-simple-tenant-usage:list");
  public static final PolicyRule USAGE_SHOW = reader(ROOT + "os-simple-tenant-usage:show");

  /** Rules that no route of the table bears. */
  public static final List<PolicyRule> ASKED_BY_HANDLERS =
      List.of(
          SERVERS_INDEX_ALL,
          SERVERS_DETAIL_ALL,
          SERVERS_ALL_FILTERS,
          SHOW_EXTRA_SPECS,
          SHOW_HOST_STATUS,
          EXTENDED_ATTRIBUTES,
          SERVERS_FORCED_HOST,
          SERVERS_REQUESTED_DESTINATION,
          SERVERS_ATTACH_NETWORK,
          SERVERS_EXTERNAL_NETWORK,
          SERVERS_ZERO_DISK_FLAVOR,
          SERVERS_REBOOT,
          SERVERS_REBUILD,
          SERVERS_RESIZE,
          SERVERS_CONFIRM_RESIZE,
          SERVERS_REVERT_RESIZE,
          SERVERS_CREATE_IMAGE,
          SERVERS_START,
          SERVERS_STOP,
          SERVERS_CRASH_DUMP,
          RESET_STATE,
          INJECT_NETWORK_INFO,
          ADMIN_PASSWORD,
          CONSOLE_OUTPUT,
          REMOTE_CONSOLES,
          CREATE_BACKUP,
          FORCE_DELETE,
          RESTORE,
          LOCK,
          UNLOCK,
          UNLOCK_OVERRIDE,
          PAUSE,
          UNPAUSE,
          SUSPEND,
          RESUME,
          RESCUE,
          UNRESCUE,
          SHELVE,
          UNSHELVE,
          SHELVE_OFFLOAD,
          MIGRATE,
          MIGRATE_LIVE,
          EVACUATE,
          SECURITY_GROUPS_ADD,
          SECURITY_GROUPS_REMOVE,
          MULTINIC_ADD,
          MULTINIC_REMOVE,
          FLOATING_IPS_ADD,
          FLOATING_IPS_REMOVE,
          FLAVOR_ACCESS_ADD,
          FLAVOR_ACCESS_REMOVE,
          ACTIONS_EVENTS,
          ACTIONS_EVENT_DETAILS,
          LIMITS_OTHER_PROJECT,
          GROUPS_INDEX_ALL,
          AGGREGATES_REMOVE_HOST,
          AGGREGATES_SET_METADATA);

  private ComputePolicies() {}

  private static PolicyRule any(String name) {
    return new PolicyRule(name, PolicyRule.ANY_TOKEN);
  }

  private static PolicyRule ownKeys(String operation) {
    return new PolicyRule(
        ROOT + "os-keypairs:" + operation, PolicyRule.ADMIN + " or user_id:%(user_id)s");
  }
}
