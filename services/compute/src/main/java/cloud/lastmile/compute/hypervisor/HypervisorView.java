package cloud.lastmile.compute.hypervisor;

import cloud.lastmile.compute.host.HostRecord;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.server.HostedServer;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Hypervisors as the API shows them, by microversion. */
public final class HypervisorView {

  /**
   * A host with what is on it.
   *
   * @param used amounts by resource class
   * @param showServers whether the servers were asked for
   */
  record Hypervisor(
      HostRecord host, List<HostedServer> guests, Map<String, Long> used, boolean showServers) {}

  private final Hosts hosts;

  public HypervisorView(Hosts hosts) {
    this.hosts = hosts;
  }

  String id(ApiRequest request, HostRecord host) {
    return request.atLeast("2.53") ? host.id().toString() : Long.toString(host.number());
  }

  private static void putId(ApiRequest request, ObjectNode view, HostRecord host) {
    if (request.atLeast("2.53")) {
      view.put("id", host.id().toString());
    } else {
      view.put("id", host.number());
    }
  }

  ObjectNode brief(ApiRequest request, Hypervisor hypervisor) {
    HostRecord host = hypervisor.host();
    ObjectNode view = Json.object();
    putId(request, view, host);
    view.put("hypervisor_hostname", host.name());
    view.put("state", hosts.isUp(host) ? "up" : "down");
    view.put("status", host.disabled() ? "disabled" : "enabled");
    if (hypervisor.showServers() && (!hypervisor.guests().isEmpty() || request.atLeast("2.75"))) {
      ArrayNode servers = view.putArray("servers");
      hypervisor
          .guests()
          .forEach(guest ->
              servers.addObject().put("name", guest.name()).put("uuid", guest.id().toString()));
    }
    return view;
  }

  ObjectNode full(ApiRequest request, Hypervisor hypervisor) {
    HostRecord host = hypervisor.host();
    ObjectNode view = brief(request, hypervisor);
    view.put("hypervisor_type", host.facts().hypervisorType());
    view.put("hypervisor_version", host.facts().hypervisorVersion());
    view.put("host_ip", host.address());
    ObjectNode service = view.putObject("service");
    putId(request, service, host);
    service.put("host", host.name());
    service.put("disabled_reason", host.disabledReason().orElse(null));
    if (request.atLeast("2.88")) {
      view.putNull("uptime");
      return view;
    }
    amounts(view, hypervisor);
    cpuInfo(request, view, host);
    return view;
  }

  private static void cpuInfo(ApiRequest request, ObjectNode view, HostRecord host) {
    ObjectNode cpu = Json.object();
    cpu.put("model", host.facts().cpuModel());
    cpu.putObject("topology").put("cores", host.facts().vcpus());
    if (request.atLeast("2.28")) {
      view.set("cpu_info", cpu);
    } else {
      view.put("cpu_info", cpu.toString());
    }
  }

  private static void amounts(ObjectNode view, Hypervisor hypervisor) {
    long memory = hypervisor.used().getOrDefault("MEMORY_MB", 0L);
    long disk = hypervisor.used().getOrDefault("DISK_GB", 0L);
    view.put("vcpus", hypervisor.host().facts().vcpus());
    view.put("memory_mb", hypervisor.host().facts().memoryMib());
    view.put("local_gb", hypervisor.host().facts().diskGib());
    view.put("vcpus_used", hypervisor.used().getOrDefault("VCPU", 0L));
    view.put("memory_mb_used", memory);
    view.put("local_gb_used", disk);
    view.put("free_ram_mb", hypervisor.host().facts().memoryMib() - memory);
    view.put("free_disk_gb", hypervisor.host().facts().diskGib() - disk);
    view.put("current_workload", hypervisor.guests().stream().filter(HostedServer::busy).count());
    view.put("running_vms", hypervisor.guests().size());
    view.put("disk_available_least", hypervisor.host().facts().diskGib() - disk);
  }

  /** The sums over all hosts that are not disabled. */
  ObjectNode sum(List<Hypervisor> hypervisors) {
    ObjectNode sum = Json.object();
    List<Hypervisor> counted = hypervisors.stream().filter(one -> !one.host().disabled()).toList();
    sum.put("count", counted.size());
    for (String name :
        List.of(
            "vcpus",
            "memory_mb",
            "local_gb",
            "vcpus_used",
            "memory_mb_used",
            "local_gb_used",
            "free_ram_mb",
            "free_disk_gb",
            "current_workload",
            "running_vms",
            "disk_available_least")) {
      sum.put(name, 0L);
    }
    for (Hypervisor hypervisor : counted) {
      ObjectNode one = Json.object();
      amounts(one, hypervisor);
      one.properties()
          .forEach(entry ->
              sum.put(
                  entry.getKey(), sum.path(entry.getKey()).asLong() + entry.getValue().asLong()));
    }
    return sum;
  }
}
