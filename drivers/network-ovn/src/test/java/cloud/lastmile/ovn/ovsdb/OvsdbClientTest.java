package cloud.lastmile.ovn.ovsdb;

import static cloud.lastmile.ovn.ovsdb.Operation.add;
import static cloud.lastmile.ovn.ovsdb.Operation.delete;
import static cloud.lastmile.ovn.ovsdb.Operation.insert;
import static cloud.lastmile.ovn.ovsdb.Operation.take;
import static cloud.lastmile.ovn.ovsdb.Operation.unchanged;
import static cloud.lastmile.ovn.ovsdb.Operation.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OvsdbClientTest {
  private static final String SWITCH = "Logical_Switch";
  private static final String PORT = "Logical_Switch_Port";

  private OvsdbServerFixture server;
  private OvsdbClient client;

  @BeforeEach
  void start() throws Exception {
    server = new OvsdbServerFixture();
    client = server.client();
    client.awaitConnected(Duration.ofSeconds(10));
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  @Test
  void showsItsOwnWritesWhenTransactReturns() {
    UUID network = UUID.randomUUID();
    UUID port = UUID.randomUUID();
    client.transact(
        List.of(
            insert(SWITCH, network, Map.of("name", "a", "external_ids", Map.of("k", "v"))),
            insert(PORT, port, Map.of("name", "p", "enabled", Optional.of(true))),
            add(SWITCH, network, "ports", port)));

    Row row = client.row(SWITCH, network).orElseThrow();
    assertThat(row.text("name")).isEqualTo("a");
    assertThat(row.map("external_ids")).isEqualTo(Map.of("k", "v"));
    assertThat(row.references("ports")).isEqualTo(Set.of(port));
    Row portRow = client.row(PORT, port).orElseThrow();
    assertThat(portRow.flag("enabled")).contains(true);
    assertThat(portRow.flag("up")).isEmpty();
    assertThat(portRow.texts("addresses")).isEmpty();

    client.transact(
        List.of(
            update(PORT, port, Map.of("addresses", Set.of("a", "b"), "enabled", Optional.empty())),
            add(SWITCH, network, "external_ids", Map.of("x", "y")),
            take(SWITCH, network, "external_ids", Set.of("k"))));
    assertThat(client.row(PORT, port).orElseThrow().texts("addresses")).isEqualTo(Set.of("a", "b"));
    assertThat(client.row(PORT, port).orElseThrow().flag("enabled")).isEmpty();
    assertThat(client.row(SWITCH, network).orElseThrow().map("external_ids"))
        .isEqualTo(Map.of("x", "y"));

    client.transact(List.of(delete(SWITCH, network)));
    assertThat(client.row(SWITCH, network)).isEmpty();
    assertThat(client.row(PORT, port)).as("collected with its switch").isEmpty();
  }

  @Test
  void refusalsAmongTheResultsAreThrown() {
    UUID id = UUID.randomUUID();
    client.transact(List.of(insert(SWITCH, id, Map.of("name", "a"))));

    assertThatThrownBy(() -> client.transact(List.of(insert(SWITCH, id, Map.of("name", "b")))))
        .isInstanceOfSatisfying(
            OvsdbException.class,
            e -> {
              assertThat(e.error()).isEqualTo("duplicate uuid");
              assertThat(e.conflict()).isTrue();
            });
    assertThatThrownBy(() ->
            client.transact(
                List.of(unchanged(SWITCH, id, "name", "other"), update(SWITCH, id, Map.of()))))
        .isInstanceOfSatisfying(OvsdbException.class, e -> assertThat(e.conflict()).isTrue());
    assertThatThrownBy(() -> client.transact(List.of(add(SWITCH, id, "ports", UUID.randomUUID()))))
        .isInstanceOfSatisfying(
            OvsdbException.class,
            e -> {
              assertThat(e.error()).isEqualTo("referential integrity violation");
              assertThat(e.conflict()).isFalse();
            });
    assertThatThrownBy(() -> client.transact(List.of(insert("Nothing", id, Map.of()))))
        .isInstanceOf(OvsdbException.class);
  }

  @Test
  void namedRowsCanBeReferredTo() {
    List<JsonNode> results =
        client.transact(
            List.of(
                new Operation.Insert(
                    PORT, Optional.empty(), Optional.of("port1"), Map.of("name", "p")),
                new Operation.Insert(
                    SWITCH,
                    Optional.empty(),
                    Optional.empty(),
                    Map.of("name", "a", "ports", Set.of(new NamedUuid("port1")))),
                new Operation.Select(PORT, List.of(), List.of("name"))));

    assertThat(results.get(2).path("rows").get(0).path("name").stringValue()).isEqualTo("p");
    assertThat(client.rows(SWITCH))
        .singleElement()
        .satisfies(row -> assertThat(row.references("ports")).hasSize(1));
  }

  @Test
  void tellsWhichReferencesARowGainedAndLost() {
    UUID network = UUID.randomUUID();
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    List<String> heard = new CopyOnWriteArrayList<>();
    client.listen(change -> {
      if (change.table().equals(SWITCH)) {
        heard.add("+" + change.gained("ports") + " -" + change.lost("ports"));
      }
    });
    client.transact(
        List.of(
            insert(SWITCH, network, Map.of("name", "a")),
            insert(PORT, first, Map.of("name", "first")),
            add(SWITCH, network, "ports", first)));
    client.transact(
        List.of(
            insert(PORT, second, Map.of("name", "second")),
            add(SWITCH, network, "ports", second),
            take(SWITCH, network, "ports", List.of(first))));
    client.transact(List.of(update(SWITCH, network, Map.of("name", "b"))));
    client.transact(List.of(delete(SWITCH, network)));

    assertThat(heard)
        .containsExactly(
            "+[" + first + "] -[]",
            "+[" + second + "] -[" + first + "]",
            "+[] -[]",
            "+[] -[" + second + "]");
  }

  @Test
  void aRefusedMemberOfAGroupHarmsNoOther() throws Exception {
    UUID network = UUID.randomUUID();
    client.transact(List.of(insert(SWITCH, network, Map.of("name", "a"))));
    List<Future<Boolean>> outcomes = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 200; i++) {
        boolean bad = i % 50 == 7;
        String name = "p" + i;
        outcomes.add(callers.submit(() -> insertPort(network, name, bad)));
      }
    }
    for (int i = 0; i < 200; i++) {
      assertThat(outcomes.get(i).get()).isEqualTo(i % 50 != 7);
    }
    assertThat(client.rows(PORT)).hasSize(196);
    assertThat(client.row(SWITCH, network).orElseThrow().references("ports")).hasSize(196);
  }

  private boolean insertPort(UUID network, String name, boolean bad) {
    UUID port = UUID.randomUUID();
    UUID missing = UUID.randomUUID();
    try {
      client.transact(
          List.of(
              insert(PORT, port, Map.of("name", name)),
              add(SWITCH, network, "ports", bad ? missing : port)));
      return true;
    } catch (OvsdbException e) {
      assertThat(e.error()).isEqualTo("referential integrity violation");
      return false;
    }
  }

  @Test
  void comesBackAfterTheServerWasKilledAndHearsOnlyOfChanges() throws Exception {
    UUID kept = UUID.randomUUID();
    UUID dropped = UUID.randomUUID();
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    client.transact(
        List.of(
            insert(SWITCH, kept, Map.of("name", "kept")),
            insert(SWITCH, dropped, Map.of("name", "dropped"))));
    client.listen(change ->
        heard.add(
            change.before().map(r -> r.text("name"))
                + ">"
                + change.after().map(r -> r.text("name"))));

    server.kill();
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> client.transact(List.of(update(SWITCH, kept, Map.of("name", "new")))));
    server.start();
    waiting.join();
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("Optional[kept]>Optional[new]");

    try (OvsdbClient other = server.client()) {
      other.transact(List.of(delete(SWITCH, dropped)));
    }
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("Optional[dropped]>Optional.empty");
    assertThat(heard).isEmpty();
    assertThat(client.rows(SWITCH)).hasSize(1);
  }

  @Test
  void aClosedClientRefuses() {
    client.close();
    assertThatThrownBy(() -> client.transact(List.of(delete(SWITCH, UUID.randomUUID()))))
        .isInstanceOf(OvsdbException.class);
  }
}
