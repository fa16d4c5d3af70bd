package cloud.lastmile.compute;

import static cloud.lastmile.platform.policy.PolicyRule.admin;
import static cloud.lastmile.platform.policy.PolicyRule.member;
import static cloud.lastmile.platform.policy.PolicyRule.reader;

import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;

/** The policy rules of compute with the reference's names and defaults. */
final class ComputePolicies {
  private static final String ROOT = "os_compute_api:";
  private static final String SERVERS = ROOT + "servers:";

  static final PolicyRule FLAVORS_LIST = any(ROOT + "flavors");
  static final PolicyRule FLAVOR_CREATE = admin(ROOT + "os-flavor-manage:create");
  static final PolicyRule FLAVOR_UPDATE = admin(ROOT + "os-flavor-manage:update");
  static final PolicyRule FLAVOR_DELETE = admin(ROOT + "os-flavor-manage:delete");
  static final PolicyRule FLAVOR_ACCESS = admin(ROOT + "os-flavor-access");
  static final PolicyRule FLAVOR_ACCESS_ADD = admin(ROOT + "os-flavor-access:add_tenant_access");
  static final PolicyRule FLAVOR_ACCESS_REMOVE =
      admin(ROOT + "os-flavor-access:remove_tenant_access");
  static final PolicyRule EXTRA_SPECS_INDEX = reader(ROOT + "os-flavor-extra-specs:index");
  static final PolicyRule EXTRA_SPECS_SHOW = reader(ROOT + "os-flavor-extra-specs:show");
  static final PolicyRule EXTRA_SPECS_CREATE = admin(ROOT + "os-flavor-extra-specs:create");
  static final PolicyRule EXTRA_SPECS_UPDATE = admin(ROOT + "os-flavor-extra-specs:update");
  static final PolicyRule EXTRA_SPECS_DELETE = admin(ROOT + "os-flavor-extra-specs:delete");

  static final PolicyRule KEYPAIRS_INDEX = ownKeys("index");
  static final PolicyRule KEYPAIRS_CREATE = ownKeys("create");
  static final PolicyRule KEYPAIRS_DELETE = ownKeys("delete");
  static final PolicyRule KEYPAIRS_SHOW = ownKeys("show");

  static final PolicyRule SERVERS_INDEX = reader(SERVERS + "index");
  static final PolicyRule SERVERS_DETAIL = reader(SERVERS + "detail");
  static final PolicyRule SERVERS_INDEX_ALL = admin(SERVERS + "index:get_all_tenants");
  static final PolicyRule SERVERS_DETAIL_ALL = admin(SERVERS + "detail:get_all_tenants");
  static final PolicyRule SERVERS_ALL_FILTERS = admin(SERVERS + "allow_all_filters");
  static final PolicyRule SERVERS_SHOW = reader(SERVERS + "show");
  static final PolicyRule SHOW_EXTRA_SPECS = reader(SERVERS + "show:flavor-extra-specs");
  static final PolicyRule SHOW_HOST_STATUS = admin(SERVERS + "show:host_status");
  static final PolicyRule EXTENDED_ATTRIBUTES = admin(ROOT + "os-extended-server-attributes");
  static final PolicyRule SERVERS_CREATE = member(SERVERS + "create");
  static final PolicyRule SERVERS_FORCED_HOST = admin(SERVERS + "create:forced_host");
  static final PolicyRule SERVERS_REQUESTED_DESTINATION =
      admin("compute:servers:create:requested_destination");
  static final PolicyRule SERVERS_ATTACH_NETWORK = member(SERVERS + "create:attach_network");
  static final PolicyRule SERVERS_EXTERNAL_NETWORK = admin("network:attach_external_network");
  static final PolicyRule SERVERS_ZERO_DISK_FLAVOR = admin(SERVERS + "create:zero_disk_flavor");
  static final PolicyRule SERVERS_DELETE = member(SERVERS + "delete");
  static final PolicyRule SERVERS_UPDATE = member(SERVERS + "update");

  /** Names the route; each action is checked against its own rule below. */
  static final PolicyRule SERVERS_ACTION = any(SERVERS + "action");

  static final PolicyRule SERVERS_REBOOT = member(SERVERS + "reboot");
  static final PolicyRule SERVERS_REBUILD = member(SERVERS + "rebuild");
  static final PolicyRule SERVERS_RESIZE = member(SERVERS + "resize");
  static final PolicyRule SERVERS_CONFIRM_RESIZE = member(SERVERS + "confirm_resize");
  static final PolicyRule SERVERS_REVERT_RESIZE = member(SERVERS + "revert_resize");
  static final PolicyRule SERVERS_CREATE_IMAGE = member(SERVERS + "create_image");
  static final PolicyRule SERVERS_START = member(SERVERS + "start");
  static final PolicyRule SERVERS_STOP = member(SERVERS + "stop");
  static final PolicyRule SERVERS_CRASH_DUMP = member(SERVERS + "trigger_crash_dump");
  static final PolicyRule RESET_STATE = admin(ROOT + "os-admin-actions:reset_state");
  static final PolicyRule INJECT_NETWORK_INFO =
      admin(ROOT + "os-admin-actions:inject_network_info");
  static final PolicyRule ADMIN_PASSWORD = member(ROOT + "os-admin-password");
  static final PolicyRule CONSOLE_OUTPUT = member(ROOT + "os-console-output");
  static final PolicyRule REMOTE_CONSOLES = member(ROOT + "os-remote-consoles");
  static final PolicyRule CREATE_BACKUP = member(ROOT + "os-create-backup");
  static final PolicyRule FORCE_DELETE = member(ROOT + "os-deferred-delete:force");
  static final PolicyRule RESTORE = member(ROOT + "os-deferred-delete:restore");
  static final PolicyRule LOCK = member(ROOT + "os-lock-server:lock");
  static final PolicyRule UNLOCK = member(ROOT + "os-lock-server:unlock");
  static final PolicyRule UNLOCK_OVERRIDE = admin(ROOT + "os-lock-server:unlock:unlock_override");
  static final PolicyRule PAUSE = member(ROOT + "os-pause-server:pause");
  static final PolicyRule UNPAUSE = member(ROOT + "os-pause-server:unpause");
  static final PolicyRule SUSPEND = member(ROOT + "os-suspend-server:suspend");
  static final PolicyRule RESUME = member(ROOT + "os-suspend-server:resume");
  static final PolicyRule RESCUE = member(ROOT + "os-rescue");
  static final PolicyRule UNRESCUE = member(ROOT + "os-unrescue");
  static final PolicyRule SHELVE = member(ROOT + "os-shelve:shelve");
  static final PolicyRule UNSHELVE = member(ROOT + "os-shelve:unshelve");
  static final PolicyRule SHELVE_OFFLOAD = admin(ROOT + "os-shelve:shelve_offload");
  static final PolicyRule MIGRATE =
      new PolicyRule(ROOT + "os-migrate-server:migrate", PolicyRule.ADMIN_OR_PROJECT_MANAGER);
  static final PolicyRule MIGRATE_LIVE =
      new PolicyRule(ROOT + "os-migrate-server:migrate_live", PolicyRule.ADMIN_OR_PROJECT_MANAGER);
  static final PolicyRule EVACUATE = admin(ROOT + "os-evacuate");
  static final PolicyRule SECURITY_GROUPS_LIST = reader(ROOT + "os-security-groups:list");
  static final PolicyRule SECURITY_GROUPS_ADD = member(ROOT + "os-security-groups:add");
  static final PolicyRule SECURITY_GROUPS_REMOVE = member(ROOT + "os-security-groups:remove");
  static final PolicyRule MULTINIC_ADD = member(ROOT + "os-multinic:add");
  static final PolicyRule MULTINIC_REMOVE = member(ROOT + "os-multinic:remove");
  static final PolicyRule FLOATING_IPS_ADD = member(ROOT + "os-floating-ips:add");
  static final PolicyRule FLOATING_IPS_REMOVE = member(ROOT + "os-floating-ips:remove");

  static final PolicyRule METADATA_INDEX = reader(ROOT + "server-metadata:index");
  static final PolicyRule METADATA_SHOW = reader(ROOT + "server-metadata:show");
  static final PolicyRule METADATA_CREATE = member(ROOT + "server-metadata:create");
  static final PolicyRule METADATA_UPDATE_ALL = member(ROOT + "server-metadata:update_all");
  static final PolicyRule METADATA_UPDATE = member(ROOT + "server-metadata:update");
  static final PolicyRule METADATA_DELETE = member(ROOT + "server-metadata:delete");
  static final PolicyRule TAGS_INDEX = reader(ROOT + "os-server-tags:index");
  static final PolicyRule TAGS_SHOW = reader(ROOT + "os-server-tags:show");
  static final PolicyRule TAGS_UPDATE = member(ROOT + "os-server-tags:update");
  static final PolicyRule TAGS_UPDATE_ALL = member(ROOT + "os-server-tags:update_all");
  static final PolicyRule TAGS_DELETE = member(ROOT + "os-server-tags:delete");
  static final PolicyRule TAGS_DELETE_ALL = member(ROOT + "os-server-tags:delete_all");
  static final PolicyRule IPS_INDEX = reader(ROOT + "ips:index");
  static final PolicyRule IPS_SHOW = reader(ROOT + "ips:show");
  static final PolicyRule ACTIONS_LIST = reader(ROOT + "os-instance-actions:list");
  static final PolicyRule ACTIONS_SHOW = reader(ROOT + "os-instance-actions:show");
  static final PolicyRule ACTIONS_EVENTS = admin(ROOT + "os-instance-actions:events");
  static final PolicyRule ACTIONS_EVENT_DETAILS =
      admin(ROOT + "os-instance-actions:events:details");
  static final PolicyRule INTERFACES_LIST = reader(ROOT + "os-attach-interfaces:list");
  static final PolicyRule INTERFACES_SHOW = reader(ROOT + "os-attach-interfaces:show");
  static final PolicyRule INTERFACES_CREATE = member(ROOT + "os-attach-interfaces:create");
  static final PolicyRule INTERFACES_DELETE = member(ROOT + "os-attach-interfaces:delete");
  static final PolicyRule VOLUMES_INDEX = reader(ROOT + "os-volumes-attachments:index");
  static final PolicyRule VOLUMES_SHOW = reader(ROOT + "os-volumes-attachments:show");
  static final PolicyRule VOLUMES_CREATE = member(ROOT + "os-volumes-attachments:create");
  static final PolicyRule VOLUMES_UPDATE = member(ROOT + "os-volumes-attachments:update");
  static final PolicyRule VOLUMES_DELETE = member(ROOT + "os-volumes-attachments:delete");
  static final PolicyRule DIAGNOSTICS = admin(ROOT + "os-server-diagnostics");
  static final PolicyRule PASSWORD_SHOW = reader(ROOT + "os-server-password:show");
  static final PolicyRule PASSWORD_CLEAR = member(ROOT + "os-server-password:clear");

  static final PolicyRule LIMITS = any(ROOT + "limits");
  static final PolicyRule LIMITS_OTHER_PROJECT = admin(ROOT + "limits:other_project");
  static final PolicyRule QUOTAS_SHOW = reader(ROOT + "os-quota-sets:show");
  static final PolicyRule QUOTAS_DEFAULTS = any(ROOT + "os-quota-sets:defaults");
  static final PolicyRule QUOTAS_DETAIL = reader(ROOT + "os-quota-sets:detail");
  static final PolicyRule QUOTAS_UPDATE = admin(ROOT + "os-quota-sets:update");
  static final PolicyRule QUOTAS_DELETE = admin(ROOT + "os-quota-sets:delete");
  static final PolicyRule QUOTA_CLASS_SHOW = admin(ROOT + "os-quota-class-sets:show");
  static final PolicyRule QUOTA_CLASS_UPDATE = admin(ROOT + "os-quota-class-sets:update");
  static final PolicyRule ZONES_LIST = any(ROOT + "os-availability-zone:list");
  static final PolicyRule ZONES_DETAIL = admin(ROOT + "os-availability-zone:detail");

  /** Who may see an image is the image service's to say, before this is asked. */
  static final PolicyRule IMAGES_SHOW = any(ROOT + "images:show");

  /** The image service's own rule, so that an operator who overrides it overrides both. */
  static final PolicyRule IMAGES_DELETE = member("delete_image");

  static final PolicyRule EXTENSIONS = any(ROOT + "extensions");
  static final PolicyRule SERVICES_LIST = admin(ROOT + "os-services:list");
  static final PolicyRule SERVICES_UPDATE = admin(ROOT + "os-services:update");
  static final PolicyRule SERVICES_DELETE = admin(ROOT + "os-services:delete");
  static final PolicyRule HYPERVISORS_LIST = admin(ROOT + "os-hypervisors:list");
  static final PolicyRule HYPERVISORS_DETAIL = admin(ROOT + "os-hypervisors:list-detail");
  static final PolicyRule HYPERVISORS_STATISTICS = admin(ROOT + "os-hypervisors:statistics");
  static final PolicyRule HYPERVISORS_SHOW = admin(ROOT + "os-hypervisors:show");
  static final PolicyRule HYPERVISORS_UPTIME = admin(ROOT + "os-hypervisors:uptime");
  static final PolicyRule HYPERVISORS_SEARCH = admin(ROOT + "os-hypervisors:search");
  static final PolicyRule HYPERVISORS_SERVERS = admin(ROOT + "os-hypervisors:servers");
  static final PolicyRule GROUPS_INDEX = reader(ROOT + "os-server-groups:index");
  static final PolicyRule GROUPS_INDEX_ALL = admin(ROOT + "os-server-groups:index:all_projects");
  static final PolicyRule GROUPS_SHOW = reader(ROOT + "os-server-groups:show");
  static final PolicyRule GROUPS_CREATE = member(ROOT + "os-server-groups:create");
  static final PolicyRule GROUPS_DELETE = member(ROOT + "os-server-groups:delete");
  static final PolicyRule AGGREGATES_INDEX = admin(ROOT + "os-aggregates:index");
  static final PolicyRule AGGREGATES_SHOW = admin(ROOT + "os-aggregates:show");
  static final PolicyRule AGGREGATES_CREATE = admin(ROOT + "os-aggregates:create");
  static final PolicyRule AGGREGATES_UPDATE = admin(ROOT + "os-aggregates:update");
  static final PolicyRule AGGREGATES_DELETE = admin(ROOT + "os-aggregates:delete");
  static final PolicyRule AGGREGATES_ADD_HOST = admin(ROOT + "os-aggregates:add_host");
  static final PolicyRule AGGREGATES_REMOVE_HOST = admin(ROOT + "os-aggregates:remove_host");
  static final PolicyRule AGGREGATES_SET_METADATA = admin(ROOT + "os-aggregates:set_metadata");
  static final PolicyRule AGGREGATES_IMAGES = admin("compute:aggregates:images");
  static final PolicyRule USAGE_LIST = admin(ROOT + "os-simple-tenant-usage:list");
  static final PolicyRule USAGE_SHOW = reader(ROOT + "os-simple-tenant-usage:show");

  /** Rules that no route of the table bears. */
  static final List<PolicyRule> ASKED_BY_HANDLERS =
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
