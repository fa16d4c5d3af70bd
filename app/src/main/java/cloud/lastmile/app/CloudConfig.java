package cloud.lastmile.app;

import cloud.lastmile.platform.core.NetworkNamespace;
import cloud.lastmile.platform.http.HttpConfig;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code lastmile.yaml} in the data directory: every section may be left out, every key too; an
 * unknown one stops the start. {@code docs/operating.md} explains each.
 */
public record CloudConfig(
    @Nullable String region,
    @Nullable Http http,
    @Nullable DatabaseSection database,
    @Nullable Network network,
    @Nullable Hypervisor hypervisor) {

  public CloudConfig {
    region = Objects.requireNonNullElse(region, "RegionOne");
    http = Objects.requireNonNullElse(http, new Http(null, 0, null, null));
    database = Objects.requireNonNullElse(database, new DatabaseSection(null));
    network = Objects.requireNonNullElse(network, new Network(null, null, null, null));
    hypervisor = Objects.requireNonNullElse(hypervisor, new Hypervisor(null, null, null, null));
  }

  /**
   * Where the API listens.
   *
   * @param port 0: the one it had last, or 8080, or any free one
   */
  public record Http(
      @Nullable String address, int port, @Nullable Path certificate, @Nullable Path privateKey) {

    HttpConfig listener(int chosenPort) {
      return new HttpConfig(
          Objects.requireNonNullElse(address, "127.0.0.1"),
          chosenPort,
          Optional.ofNullable(certificate),
          Optional.ofNullable(privateKey));
    }
  }

  /**
   * Which PostgreSQL.
   *
   * @param url {@code postgresql://user:password@host:port/database}; the embedded one if left out
   */
  public record DatabaseSection(@Nullable String url) {}

  /**
   * The cloud's networks.
   *
   * @param namespace {@code own} (default) for a network namespace of the cloud's, {@code current}
   *     for the one Lastmile runs in, or a name
   * @param external the provider network that is made at the first start
   * @param mtu of the physical network
   * @param ovn a host's own OVN instead of Lastmile's
   */
  public record Network(
      @Nullable String namespace,
      @Nullable External external,
      @Nullable Integer mtu,
      @Nullable OvnRemotes ovn) {

    public Network {
      namespace = Objects.requireNonNullElse(namespace, "own");
      external =
          Objects.requireNonNullElse(external, new External(null, null, null, null, null, null));
      mtu = Objects.requireNonNullElse(mtu, 1500);
    }
  }

  /**
   * The network that floating IPs come from.
   *
   * @param device a network card to attach it to; none if left out
   */
  public record External(
      @Nullable String name,
      @Nullable String cidr,
      @Nullable String gateway,
      @Nullable String poolStart,
      @Nullable String poolEnd,
      @Nullable String device) {

    public External {
      name = Objects.requireNonNullElse(name, "public");
      boolean usual = cidr == null;
      cidr = Objects.requireNonNullElse(cidr, "172.24.4.0/24");
      if (usual) {
        gateway = Objects.requireNonNullElse(gateway, "172.24.4.1");
        poolStart = Objects.requireNonNullElse(poolStart, "172.24.4.10");
        poolEnd = Objects.requireNonNullElse(poolEnd, "172.24.4.250");
      } else if (gateway == null || poolStart == null || poolEnd == null) {
        throw new IllegalArgumentException(
            "network.external: cidr needs gateway, pool_start and pool_end");
      }
    }
  }

  /** Remotes such as {@code unix:/run/ovn/ovnnb_db.sock} or {@code tcp:127.0.0.1:6641}. */
  public record OvnRemotes(String northbound, String southbound, String ovs) {}

  /**
   * The host's guests.
   *
   * @param driver {@code qemu} (default) or {@code simulated}, which runs nothing: for trying the
   *     API and for benchmarks
   * @param accelerator {@code auto} (default), {@code kvm} or {@code tcg}
   * @param hostname this host's name; the machine's if left out
   * @param cpuAllocationRatio how often a processor may be given out, default 4
   */
  public record Hypervisor(
      @Nullable String driver,
      @Nullable String accelerator,
      @Nullable String hostname,
      @Nullable Double cpuAllocationRatio) {

    public Hypervisor {
      driver = Objects.requireNonNullElse(driver, "qemu");
      accelerator = Objects.requireNonNullElse(accelerator, "auto");
      cpuAllocationRatio = Objects.requireNonNullElse(cpuAllocationRatio, 4.0);
    }
  }

  /** The network namespace of the cloud in this directory. */
  NetworkNamespace namespace(DataDirectory data) {
    String name = network.namespace();
    return switch (name) {
      case "own" -> NetworkNamespace.named("lastmile-" + data.shortId());
      case "current" -> NetworkNamespace.current();
      default -> NetworkNamespace.named(name);
    };
  }

  /** With what the command line says; null where it says nothing. */
  CloudConfig overriddenBy(
      @Nullable String databaseUrl, @Nullable Integer port, boolean simulated) {
    return new CloudConfig(
        region,
        port == null ? http : new Http(http.address(), port, http.certificate(), http.privateKey()),
        databaseUrl == null ? database : new DatabaseSection(databaseUrl),
        network,
        simulated
            ? new Hypervisor(
                "simulated", null, hypervisor.hostname(), hypervisor.cpuAllocationRatio())
            : hypervisor);
  }

  /** With a host's own OVN, if the command line names one. */
  CloudConfig overriddenBy(Optional<OvnRemotes> remotes) {
    return remotes
        .map(ovn ->
            new CloudConfig(
                region,
                http,
                database,
                new Network(network.namespace(), network.external(), network.mtu(), ovn),
                hypervisor))
        .orElse(this);
  }
}
