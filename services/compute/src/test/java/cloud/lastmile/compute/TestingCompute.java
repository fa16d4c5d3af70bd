package cloud.lastmile.compute;

import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.simulated.SimulatedHost;
import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingApi;
import cloud.lastmile.testing.TestingDatabase;
import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Compute over HTTP with a real database, jobs and simulated hosts; its neighbours are fakes.
 * Project {@code p1} has one network and one image.
 */
public final class TestingCompute implements AutoCloseable {
  public final TestingDatabase database = TestingDatabase.create("compute");
  final Path directory;
  public final FakeNetworks networks = new FakeNetworks();
  public final FakePlacement placement = new FakePlacement();
  public final FakeImages images;
  final Map<String, SimulatedHost> hosts = new LinkedHashMap<>();
  final WorkNode node;
  public final ComputeService service;
  final TestingApi api;
  public final UUID network;
  public final UUID image;

  public TestingCompute(String... hostNames) {
    try {
      directory = Files.createTempDirectory("lastmile-compute-");
      images = new FakeImages(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    node = new WorkNode(database.database(), "node");
    service =
        new ComputeService(
            database.database(),
            node,
            images,
            networks,
            placement,
            ComputeConfig.in(directory),
            InstantSource.system());
    for (String name : hostNames) {
      SimulatedHost host = SimulatedHost.inMemory(SimulatedHost.facts(name, 64, 262_144, 10_000));
      hosts.put(name, host);
      service.register(host);
    }
    node.start();
    service.start();
    api = TestingApi.start(service.api());
    network = networks.addNetwork("private", "p1");
    image = images.addRaw(1024, 0, Map.of());
  }

  public TestingHttp member() {
    return at(api.member("alice", "p1"), "2.93");
  }

  public TestingHttp member(String microversion) {
    return at(api.member("alice", "p1"), microversion);
  }

  public TestingHttp stranger() {
    return at(api.member("mallory", "p2"), "2.93");
  }

  public TestingHttp admin() {
    return admin("2.93");
  }

  public TestingHttp admin(String microversion) {
    return at(api.admin(), microversion);
  }

  private static TestingHttp at(TestingHttp http, String microversion) {
    return http.with("OpenStack-API-Version", "compute " + microversion);
  }

  public SimulatedHost host(String name) {
    return hosts.get(name);
  }

  /** The member's action on a server. */
  public TestingHttp.Answer act(String id, String body) {
    return member().post("/compute/v2.1/servers/" + id + "/action", body);
  }

  /** What the first host says of a guest. */
  public Power power(String id) {
    SimulatedHost first = hosts.values().iterator().next();
    return first.status(UUID.fromString(id)).orElseThrow().power();
  }

  /** Deletes the member's servers and waits until they are gone. */
  public void deleteAll() {
    JsonNode servers = member().get("/compute/v2.1/servers").expect(200).json().path("servers");
    for (JsonNode server : servers) {
      String id = server.path("id").asString();
      member().delete("/compute/v2.1/servers/" + id).expect(204);
      awaitGone(id);
    }
  }

  /** A body for {@code POST /servers} with more fields, each written as {@code "name": value}. */
  public String body(String name, String... more) {
    StringBuilder body = new StringBuilder();
    body.append("{\"server\": {\"name\": \"").append(name).append('"');
    body.append(", \"flavorRef\": \"1\", \"imageRef\": \"").append(image).append('"');
    boolean networksGiven = false;
    for (String field : more) {
      body.append(", ").append(field);
      networksGiven |= field.startsWith("\"networks\"");
    }
    if (!networksGiven) {
      body.append(", \"networks\": [{\"uuid\": \"").append(network).append("\"}]");
    }
    return body.append("}}").toString();
  }

  /** Makes a server; gives its id once it is ACTIVE. */
  public String active(String name, String... more) {
    String id =
        member()
            .post("/compute/v2.1/servers", body(name, more))
            .expect(202)
            .json()
            .at("/server/id")
            .asString();
    await(id, "ACTIVE");
    return id;
  }

  public JsonNode await(String id, String status) {
    return Await.value(
        "server " + id + " becomes " + status,
        () -> show(id),
        server ->
            server.path("status").asString().equals(status)
                && server.path("OS-EXT-STS:task_state").isNull());
  }

  public void awaitGone(String id) {
    Await.until(
        "server " + id + " is gone",
        () -> member().get("/compute/v2.1/servers/" + id).status() == 404);
  }

  public JsonNode show(String id) {
    return admin().get("/compute/v2.1/servers/" + id).expect(200).json().path("server");
  }

  @Override
  public void close() {
    api.close();
    service.close();
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
