package cloud.lastmile.app;

import cloud.lastmile.platform.core.NetworkNamespace;
import cloud.lastmile.qemu.ImageCacheLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@code lastmile.yaml} in the data directory: every section may be left out, every key too; an
 * unknown one stops the start. {@code docs/operating.md} explains each. What the file leaves out
 * comes to the constructors as null, and they put the default there.
 *
 * @param heapMib the most memory of the program's heap; the launcher reads it, for it must be known
 *     before the program runs
 * @param certificateAuthorities in PEM, a file or a directory: whom to believe beside those that
 *     the JDK knows when Lastmile is a client
 */
public record CloudConfig(
    String region,
    HttpSection http,
    DatabaseSection database,
    IdentitySection identity,
    Network network,
    Hypervisor hypervisor,
    ImageSection image,
    @Nullable Integer heapMib,
    @Nullable Path certificateAuthorities) {

  private static final int LEAST_HEAP_MIB = 128;
  private static final int MOST_HEAP_MIB = 65_536;

  public CloudConfig {
    region = Objects.requireNonNullElse(region, "RegionOne");
    Bounds.name("region", region);
    http = Objects.requireNonNullElse(http, HttpSection.standard());
    database = Objects.requireNonNullElse(database, new DatabaseSection(null));
    identity = Objects.requireNonNullElse(identity, new IdentitySection(null, null, null));
    network = Objects.requireNonNullElse(network, Network.standard());
    hypervisor = Objects.requireNonNullElse(hypervisor, Hypervisor.standard());
    image = Objects.requireNonNullElse(image, ImageSection.standard());
    Bounds.check(
        "heap_mib", heapMib == null ? null : heapMib.longValue(), LEAST_HEAP_MIB, MOST_HEAP_MIB);
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
      String namespace, External external, Integer mtu, @Nullable OvnRemotes ovn) {
    private static final String OWN = "own";
    private static final int MTU = 1500;

    public Network {
      namespace = Objects.requireNonNullElse(namespace, OWN);
      external = Objects.requireNonNullElse(external, External.standard());
      mtu = Objects.requireNonNullElse(mtu, MTU);
      Bounds.name("network.namespace", namespace);
      Bounds.check("network.mtu", (long) mtu, 576, 65_535);
    }

    static Network standard() {
      return new Network(OWN, External.standard(), MTU, null);
    }

    private Network with(OvnRemotes hosts) {
      return new Network(namespace, external, mtu, hosts);
    }
  }

  /**
   * The network that floating IPs come from.
   *
   * @param device a network card to attach it to; none if left out
   */
  public record External(
      String name,
      String cidr,
      String gateway,
      String poolStart,
      String poolEnd,
      @Nullable String device) {

    private static final External STANDARD =
        new External("public", "172.24.4.0/24", "172.24.4.1", "172.24.4.10", "172.24.4.250", null);

    public External {
      name = Objects.requireNonNullElse(name, "public");
      Bounds.name("network.external.name", name);
      Bounds.name("network.external.device", device);
      if (cidr == null) {
        cidr = STANDARD.cidr;
        gateway = Objects.requireNonNullElse(gateway, STANDARD.gateway);
        poolStart = Objects.requireNonNullElse(poolStart, STANDARD.poolStart);
        poolEnd = Objects.requireNonNullElse(poolEnd, STANDARD.poolEnd);
      } else if (gateway == null || poolStart == null || poolEnd == null) {
        throw new IllegalArgumentException(
            "network.external: cidr needs gateway, pool_start and pool_end");
      }
    }

    static External standard() {
      return STANDARD;
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
   * @param imageCache what is kept of images that no guest uses
   */
  public record Hypervisor(
      String driver,
      String accelerator,
      @Nullable String hostname,
      Double cpuAllocationRatio,
      ImageCache imageCache) {
    private static final String QEMU = "qemu";
    private static final String SIMULATED = "simulated";
    private static final String AUTO = "auto";
    private static final double CPU_RATIO = 4.0;

    public Hypervisor {
      driver = Objects.requireNonNullElse(driver, QEMU);
      accelerator = Objects.requireNonNullElse(accelerator, AUTO);
      Bounds.name("hypervisor.hostname", hostname);
      Bounds.oneOf("hypervisor.driver", driver, QEMU, SIMULATED);
      Bounds.oneOf("hypervisor.accelerator", accelerator, AUTO, "kvm", "tcg");
      cpuAllocationRatio = Objects.requireNonNullElse(cpuAllocationRatio, CPU_RATIO);
      imageCache = Objects.requireNonNullElse(imageCache, new ImageCache(null, null));
    }

    static Hypervisor standard() {
      return new Hypervisor(QEMU, AUTO, null, CPU_RATIO, new ImageCache(null, null));
    }

    private Hypervisor simulated() {
      return new Hypervisor(SIMULATED, accelerator, hostname, cpuAllocationRatio, imageCache);
    }
  }

  /**
   * What a host keeps of images that no guest uses; what a guest depends on always stays.
   *
   * @param unusedSeconds how long after its last use an image is kept; a day if left out
   * @param unusedGib the sum of their virtual sizes; 64 if left out
   */
  public record ImageCache(@Nullable Long unusedSeconds, @Nullable Long unusedGib) {
    private static final long MOST_GIB = Long.MAX_VALUE >> 30;

    public ImageCache {
      Bounds.check("hypervisor.image_cache.unused_seconds", unusedSeconds, 0, Integer.MAX_VALUE);
      Bounds.check("hypervisor.image_cache.unused_gib", unusedGib, 0, MOST_GIB);
    }

    ImageCacheLimits limits() {
      ImageCacheLimits usual = ImageCacheLimits.standard();
      return new ImageCacheLimits(
          unusedSeconds == null ? usual.age() : Duration.ofSeconds(unusedSeconds),
          unusedGib == null ? usual.bytes() : unusedGib << 30);
    }
  }

  /** The network namespace of the cloud in this directory. */
  NetworkNamespace namespace(DataDirectory data) {
    String name = network.namespace();
    return switch (name) {
      case "own" -> NetworkNamespace.own("lastmile-" + data.shortId());
      case "current" -> NetworkNamespace.current();
      default -> NetworkNamespace.named(name);
    };
  }

  /**
   * With what the command line says; null where it says nothing.
   *
   * @param ovn a host's own
   */
  CloudConfig overriddenBy(
      @Nullable String databaseUrl,
      @Nullable Integer port,
      boolean simulated,
      @Nullable OvnRemotes ovn) {
    return new CloudConfig(
        region,
        port == null ? http : http.withPort(port),
        databaseUrl == null ? database : new DatabaseSection(databaseUrl),
        identity,
        ovn == null ? network : network.with(ovn),
        simulated ? hypervisor.simulated() : hypervisor,
        image,
        heapMib,
        certificateAuthorities);
  }
}
