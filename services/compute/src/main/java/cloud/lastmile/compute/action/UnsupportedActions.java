package cloud.lastmile.compute.action;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.HashMap;
import java.util.Map;

/** Actions of the API that no host here can do yet: they say so, and change nothing. */
public final class UnsupportedActions implements ServerAction {
  private static final Map<String, PolicyRule> RULES =
      Map.ofEntries(
          Map.entry("resize", ComputePolicies.SERVERS_RESIZE),
          Map.entry("confirmResize", ComputePolicies.SERVERS_CONFIRM_RESIZE),
          Map.entry("revertResize", ComputePolicies.SERVERS_REVERT_RESIZE),
          Map.entry("suspend", ComputePolicies.SUSPEND),
          Map.entry("resume", ComputePolicies.RESUME),
          Map.entry("rescue", ComputePolicies.RESCUE),
          Map.entry("unrescue", ComputePolicies.UNRESCUE),
          Map.entry("shelve", ComputePolicies.SHELVE),
          Map.entry("unshelve", ComputePolicies.UNSHELVE),
          Map.entry("shelveOffload", ComputePolicies.SHELVE_OFFLOAD),
          Map.entry("restore", ComputePolicies.RESTORE),
          Map.entry("createBackup", ComputePolicies.CREATE_BACKUP),
          Map.entry("changePassword", ComputePolicies.ADMIN_PASSWORD),
          Map.entry("migrate", ComputePolicies.MIGRATE),
          Map.entry("os-migrateLive", ComputePolicies.MIGRATE_LIVE),
          Map.entry("evacuate", ComputePolicies.EVACUATE),
          Map.entry("injectNetworkInfo", ComputePolicies.INJECT_NETWORK_INFO),
          Map.entry("addSecurityGroup", ComputePolicies.SECURITY_GROUPS_ADD),
          Map.entry("removeSecurityGroup", ComputePolicies.SECURITY_GROUPS_REMOVE),
          Map.entry("addFixedIp", ComputePolicies.MULTINIC_ADD),
          Map.entry("removeFixedIp", ComputePolicies.MULTINIC_REMOVE),
          Map.entry("addFloatingIp", ComputePolicies.FLOATING_IPS_ADD),
          Map.entry("removeFloatingIp", ComputePolicies.FLOATING_IPS_REMOVE),
          Map.entry("os-getVNCConsole", ComputePolicies.REMOTE_CONSOLES),
          Map.entry("os-getSPICEConsole", ComputePolicies.REMOTE_CONSOLES),
          Map.entry("os-getSerialConsole", ComputePolicies.REMOTE_CONSOLES),
          Map.entry("os-getRDPConsole", ComputePolicies.REMOTE_CONSOLES));

  private final ServerFinder finder;

  public UnsupportedActions(ServerFinder finder) {
    this.finder = finder;
  }

  @Override
  public Map<String, Run> actions() {
    Map<String, Run> actions = new HashMap<>();
    RULES.forEach((name, rule) -> actions.put(name, (request, _) -> refuse(request, name, rule)));
    return actions;
  }

  private ApiResponse refuse(ApiRequest request, String name, PolicyRule rule) {
    finder.find(request, rule);
    throw ApiException.notImplemented("The action " + name + " is not supported here.");
  }
}
