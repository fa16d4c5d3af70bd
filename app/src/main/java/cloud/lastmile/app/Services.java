package cloud.lastmile.app;

import cloud.lastmile.compute.ComputeService;
import cloud.lastmile.identity.IdentityService;
import cloud.lastmile.identity.api.IdentityDirectory;
import cloud.lastmile.image.ImageService;
import cloud.lastmile.network.NetworkService;
import cloud.lastmile.ovn.OvnNetwork;
import cloud.lastmile.placement.PlacementService;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.secret.MasterKey;
import cloud.lastmile.platform.service.CatalogItem;
import cloud.lastmile.platform.service.Service;
import cloud.lastmile.platform.service.ServiceProfile;
import cloud.lastmile.platform.work.WorkNode;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The cloud's services. {@link #ALL} is the one place that names them: migrations, wiring, catalog,
 * API and the tests that go over all routes follow from it, and the architecture's tests fail if a
 * service is missing there.
 */
public final class Services {

  /** What services are made of, beside each other. */
  record Parts(
      CloudConfig config,
      DataDirectory data,
      Database database,
      WorkNode work,
      MasterKey key,
      OvnNetwork ovn,
      InstantSource clock) {}

  /** Makes a service of these parts and of the services before it. */
  private interface Maker {
    Service make(Parts parts, Services before) throws Exception;
  }

  private record Entry(Class<? extends Service> type, ServiceProfile profile, Maker maker) {}

  /** In the order of their dependencies. */
  private static final List<Entry> ALL =
      List.of(
          new Entry(IdentityService.class, IdentityService.PROFILE, Services::identity),
          new Entry(ImageService.class, ImageService.PROFILE, Services::image),
          new Entry(PlacementService.class, PlacementService.PROFILE, Services::placement),
          new Entry(NetworkService.class, NetworkService.PROFILE, Services::network),
          new Entry(ComputeService.class, ComputeService.PROFILE, Services::compute));

  private final Map<Class<? extends Service>, Service> made = new LinkedHashMap<>();

  private Services() {}

  /** The classes of all services. */
  public static List<Class<? extends Service>> types() {
    return ALL.stream().<Class<? extends Service>>map(Entry::type).toList();
  }

  /** Of all services, in the order of their dependencies. */
  public static List<ServiceProfile> profiles() {
    return ALL.stream().map(Entry::profile).toList();
  }

  /** Their schemas, and so the folders of their migrations. */
  static List<String> schemas() {
    return profiles().stream().map(ServiceProfile::name).toList();
  }

  static List<CatalogItem> catalog() {
    return profiles().stream().flatMap(profile -> profile.catalog().stream()).toList();
  }

  /**
   * Makes all of them; none is started.
   *
   * @param owner is told of each as soon as it is made, to close it should the next one fail
   */
  static Services make(Parts parts, Consumer<Service> owner) throws Exception {
    Services services = new Services();
    for (Entry entry : ALL) {
      Service service = entry.maker().make(parts, services);
      owner.accept(service);
      services.made.put(entry.type(), service);
    }
    return services;
  }

  /** The one of this class, if it is made already: it stands before in the list. */
  <S extends Service> S get(Class<S> type) {
    return Objects.requireNonNull(
        type.cast(made.get(type)), () -> type.getSimpleName() + " is not made yet");
  }

  void start() throws Exception {
    for (Service service : made.values()) {
      service.start();
    }
  }

  List<ServiceApi> apis() {
    return made.values().stream().map(Service::api).toList();
  }

  private static Service identity(Parts parts, Services before) {
    return new IdentityService(
        parts.database(),
        parts.work().events(),
        parts.clock(),
        parts.config().identity().config(parts.key(), parts.data().federationFile()));
  }

  private static Service image(Parts parts, Services before) throws Exception {
    IdentityDirectory directory = before.get(IdentityService.class).directory();
    String host = Engines.hostname(parts.config());
    return new ImageService(
        parts.database(),
        parts.work(),
        parts.config().image().config(host, parts.data().images()),
        parts.key(),
        (region, kind) -> directory.endpoint("image", region, kind));
  }

  private static Service placement(Parts parts, Services before) {
    return new PlacementService(parts.database(), parts.work().events());
  }

  private static Service network(Parts parts, Services before) {
    return new NetworkService(
        parts.database(), parts.work(), parts.ovn().backend(), Engines.network(parts.config()));
  }

  private static Service compute(Parts parts, Services before) {
    return new ComputeService(
        parts.database(),
        parts.work(),
        before.get(ImageService.class).images(),
        before.get(NetworkService.class).networks(),
        before.get(PlacementService.class).placement(),
        Engines.compute(parts.config(), parts.data()),
        parts.clock());
  }
}
