package cloud.lastmile.compute;

import cloud.lastmile.agent.simulated.SimulatedHost;
import cloud.lastmile.network.NetworkService;
import cloud.lastmile.network.api.NetworkConfig;
import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.NetworkBackend;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingApi;
import cloud.lastmile.testing.TestingDatabase;
import cloud.lastmile.testing.TestingHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Compute and the network service together over HTTP, with a real database and jobs; the host and
 * the network's engine are simulated. Any number of projects, each with a member {@code
 * user-PROJECT}.
 */
public final class TwoServices implements AutoCloseable {
  public static final String SERVERS = "/compute/v2.1/servers";
  public static final String NETWORK = "/networking/v2.0";

  final TestingDatabase database = TestingDatabase.create("compute", "network");
  final Path directory;
  public final Engine engine = new Engine();
  final SimulatedHost host =
      SimulatedHost.inMemory(SimulatedHost.facts("host1", 64, 262_144, 10_000));
  final WorkNode node;
  final NetworkService networks;
  public final ComputeService compute;
  final TestingApi api;
  private final UUID image;

  public TwoServices() {
    FakeImages images;
    try {
      directory = Files.createTempDirectory(Path.of("/tmp"), "lm2-");
      images = new FakeImages(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    node = new WorkNode(database.database(), "node");
    networks = new NetworkService(database.database(), node, engine, NetworkConfig.defaults());
    compute =
        new ComputeService(
            database.database(),
            node,
            images,
            networks.networks(),
            new FakePlacement(),
            ComputeConfig.in(directory),
            InstantSource.system());
    compute.register(host);
    node.start();
    networks.start();
    compute.start();
    api = TestingApi.start(compute.api(), networks.api());
    image = images.addRaw(1024, 0, Map.of());
  }

  /** An engine that brings every port up at once, but for those that it is told to hold. */
  public static final class Engine implements NetworkBackend {
    private final List<BiConsumer<UUID, Boolean>> listeners = new CopyOnWriteArrayList<>();
    private final Set<String> held = ConcurrentHashMap.newKeySet();
    private final Map<UUID, Topology.Port> ports = new ConcurrentHashMap<>();

    /** Keeps ports of this network down. */
    public void hold(String network) {
      held.add(network);
    }

    public void release(UUID port) {
      listeners.forEach(listener -> listener.accept(port, true));
    }

    @Override
    public void apply(List<Change> changes) {
      for (Change change : changes) {
        if (change instanceof Change.PutPort put) {
          ports.put(put.port().id(), put.port());
          if (!held.contains(put.port().networkId().toString())) {
            release(put.port().id());
          }
        }
      }
    }

    @Override
    public Map<UUID, String> reconcile(Topology topology) {
      return Map.of();
    }

    @Override
    public void onPortStatus(BiConsumer<UUID, Boolean> listener) {
      listeners.add(listener);
    }

    @Override
    public void close() {}
  }

  public TestingHttp member(String project) {
    return api.member("user-" + project, project).with("OpenStack-API-Version", "compute 2.93");
  }

  public TestingHttp admin() {
    return api.admin().with("OpenStack-API-Version", "compute 2.93");
  }

  public static String made(TestingHttp http, String path, String body, String pointer) {
    return http.post(NETWORK + path, body).expect(201).json().at(pointer).asString();
  }

  /** A network with one subnet of this prefix, of the caller's project or of the one named. */
  public String network(TestingHttp http, String cidr, String more) {
    String network = made(http, "/networks", "{\"network\": {" + more + "}}", "/network/id");
    made(
        http,
        "/subnets",
        """
        {"subnet": {"network_id": "%s", "ip_version": 4, "cidr": "%s"}}\
        """
            .formatted(network, cidr),
        "/subnet/id");
    return network;
  }

  public String port(TestingHttp http, String network, String more) {
    return made(
        http,
        "/ports",
        "{\"port\": {\"network_id\": \"" + network + "\"" + more + "}}",
        "/port/id");
  }

  public static JsonNode showPort(TestingHttp http, String port) {
    return http.get(NETWORK + "/ports/" + port).expect(200).json().path("port");
  }

  public TestingHttp.Answer boot(TestingHttp http, String network, String more) {
    return http.post(
        SERVERS,
        """
        {"server": {"name": "s", "flavorRef": "1", "imageRef": "%s",
          "networks": [%s] %s}}\
        """
            .formatted(image, network, more));
  }

  public static String id(TestingHttp.Answer accepted) {
    return accepted.expect(202).json().at("/server/id").asString();
  }

  /** Makes a server on the network; gives its id once it is ACTIVE. */
  public String server(TestingHttp http, String network, String more) {
    String id = id(boot(http, "{\"uuid\": \"" + network + "\"}", more));
    await(id, "ACTIVE");
    return id;
  }

  public JsonNode await(String id, String status) {
    return Await.value(
        "server " + id + " becomes " + status,
        () -> admin().get(SERVERS + "/" + id).expect(200).json().path("server"),
        server ->
            server.path("status").asString().equals(status)
                && server.path("OS-EXT-STS:task_state").isNull());
  }

  public void awaitGone(String id) {
    Await.until("server " + id + " is gone", () -> admin().get(SERVERS + "/" + id).status() == 404);
  }

  /** The only interface of the server. */
  public static String portOf(TestingHttp http, String server) {
    JsonNode all = http.get(SERVERS + "/" + server + "/os-interface").expect(200).json();
    return all.at("/interfaceAttachments/0/port_id").asString();
  }

  public List<String> nics(String server) {
    return host.vifs(UUID.fromString(server)).stream().map(vif -> vif.portId().toString()).toList();
  }

  /** What metadata answers to a guest with this address on the network: status line and body. */
  public String metadata(String network, String address, String path) throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("metadata.sock")))) {
      String request =
          "GET %s HTTP/1.1\r\nHost: m\r\nX-Lastmile-Network-Id: %s\r\nX-Forwarded-For: %s\r\n\r\n"
              .formatted(path, network, address);
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      BufferedReader reader =
          new BufferedReader(Channels.newReader(channel, StandardCharsets.ISO_8859_1));
      StringBuilder answer = new StringBuilder(reader.readLine());
      int length = 0;
      for (String line = reader.readLine(); !line.isEmpty(); line = reader.readLine()) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
        }
      }
      for (int read = 0; read < length; read++) {
        answer.append((char) reader.read());
      }
      return answer.toString();
    }
  }

  @Override
  public void close() {
    api.close();
    compute.close();
    networks.close();
    node.close();
    database.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
