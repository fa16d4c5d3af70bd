package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Kills Lastmile at random moments while clients make and delete servers, about half of them while
 * it starts again and finishes what it was killed in: what it has acknowledged is so, and nothing
 * is left over or missing.
 */
class KillLastmileTest {
  private static final int KILLS = Integer.getInteger("lastmile.kills", 20);
  private static final int CLIENTS = 5;
  private static final int SERVERS_OF_CLIENT = 10;
  private static final int ACCEPTED_BETWEEN_KILLS = 10;
  private static final int LONGEST_PAUSE_MILLIS = 1000;
  private static final Duration ON_A_LOADED_MACHINE = Duration.ofMinutes(3);
  private static final long SEED = 25;

  /** What the clients were promised. */
  private final Set<UUID> created = ConcurrentHashMap.newKeySet();

  private final Set<UUID> deleted = ConcurrentHashMap.newKeySet();

  /** Those whose deletion was asked for; the answer may have been lost. */
  private final Set<UUID> ending = ConcurrentHashMap.newKeySet();

  private final AtomicInteger unanswered = new AtomicInteger();
  private volatile boolean working = true;

  @Test
  void losesNothingWhenKilled() throws Exception {
    try (TestedCloud cloud = TestedCloud.start("--simulated")) {
      Tenant tenant = Tenant.prepare(cloud);
      tenant.withoutLimits();
      try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> futures = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
          int number = client;
          futures.add(clients.submit(() -> work(tenant, number)));
        }
        try {
          killRepeatedly(cloud);
        } finally {
          working = false;
        }
        for (Future<?> future : futures) {
          future.get();
        }
      }
      cloud.say(
          "%d created, %d deleted, %d requests unanswered"
              .formatted(created.size(), deleted.size(), unanswered.get()));
      checkTrue(cloud, tenant);
      checkEnd(cloud, tenant);
    }
  }

  private void killRepeatedly(TestedCloud cloud) throws Exception {
    Random random = new Random(SEED);
    int kills = 0;
    while (kills < KILLS) {
      int enough = accepted() + ACCEPTED_BETWEEN_KILLS;
      Await.value("work under way", ON_A_LOADED_MACHINE, this::accepted, now -> now >= enough);
      Thread.sleep(random.nextInt(LONGEST_PAUSE_MILLIS));
      cloud.kill();
      kills++;
      // None, one or two starts in a row come to no good end.
      for (int starts = random.nextInt(3); starts > 0 && kills < KILLS; starts--) {
        cloud.upAndKill(random);
        kills++;
      }
      cloud.say("kill " + kills + " of " + KILLS + ", created so far: " + created.size());
      cloud.up();
    }
  }

  private int accepted() {
    return created.size() + deleted.size();
  }

  /** One client: makes its servers and deletes them at random, over and over. */
  private void work(Tenant tenant, int client) {
    Random random = new Random(SEED + client);
    List<UUID> own = new ArrayList<>();
    for (int number = 0; working; number++) {
      try {
        if (own.size() < SERVERS_OF_CLIENT && (own.isEmpty() || random.nextInt(3) > 0)) {
          own.add(create(tenant, "kill-" + client + "-" + number));
        } else {
          delete(tenant, own.remove(random.nextInt(own.size())));
        }
      } catch (UncheckedIOException cutOff) {
        unanswered.incrementAndGet();
        awaitAnswer(tenant);
      }
    }
  }

  private UUID create(Tenant tenant, String name) {
    TestingHttp.Answer answer = answered(tenant.create(name, "")).expect(202);
    UUID id = UUID.fromString(answer.json().at("/server/id").asString());
    created.add(id);
    return id;
  }

  private void delete(Tenant tenant, UUID id) {
    ending.add(id);
    answered(tenant.delete(id)).expect(204);
    deleted.add(id);
  }

  /** A program that has just been started again says that it is not ready: nothing was accepted. */
  private static TestingHttp.Answer answered(TestingHttp.Answer answer) {
    if (answer.status() == 503) {
      throw new UncheckedIOException(new IOException(answer.text()));
    }
    return answer;
  }

  private void awaitAnswer(Tenant tenant) {
    if (working) {
      Await.value(
          "an answer",
          ON_A_LOADED_MACHINE,
          () -> !working || tenant.isServed(),
          answered -> answered);
    }
  }

  private void checkTrue(TestedCloud cloud, Tenant tenant) throws Exception {
    Map<UUID, JsonNode> servers =
        Await.value(
            "all servers settled",
            tenant::servers,
            seen -> seen.values().stream().allMatch(Ownership::settled));
    Set<UUID> lost = new TreeSet<>(created);
    lost.removeAll(ending);
    lost.removeAll(servers.keySet());
    assertThat(lost).as("acknowledged servers that are lost").isEmpty();
    Set<UUID> undead = new TreeSet<>(deleted);
    undead.retainAll(servers.keySet());
    assertThat(undead).as("deleted servers that are there").isEmpty();
    Set<String> errors = new TreeSet<>();
    servers.values().stream()
        .filter(server -> server.at("/status").asString().equals("ERROR"))
        .forEach(server -> errors.add(server.at("/fault/message").asString()));
    // The host is sound and large enough: nothing but the kills could have failed them.
    assertThat(errors).as("reasons of servers in ERROR").isEmpty();
    cloud.say(servers.size() + " servers settled");
    new Ownership(cloud, tenant).check();
  }

  /** With the last server goes the last trace. */
  private void checkEnd(TestedCloud cloud, Tenant tenant) throws Exception {
    tenant.servers().keySet().forEach(id -> tenant.delete(id).expect(204));
    Await.until("all servers gone", () -> tenant.servers().isEmpty());
    new Ownership(cloud, tenant).check();
  }
}
