package cloud.lastmile.compute.watch;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.network.api.PortInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Ports and allocations without a server, and servers without theirs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeftoversTest {
  private static final String SERVERS = "/compute/v2.1/servers/";

  @AutoClose private final TestingCompute compute = new TestingCompute("host1");

  @Test
  void aDeletedServerLosesWhatItStillHolds() {
    String id = compute.active("gone");
    UUID own = port(id).id();
    compute.member().delete(SERVERS + id).expect(204);
    compute.awaitGone(id);
    UUID users = UUID.randomUUID();
    hold(own, id);
    hold(users, id);
    claim(id);

    compute.service.reconcile();

    assertThat(compute.networks.naming(id)).isEmpty();
    assertThat(compute.networks.ports()).extracting(PortInfo::id).contains(users);
    assertThat(compute.networks.ports()).extracting(PortInfo::id).doesNotContain(own);
    assertThat(compute.placement.claimants()).doesNotContain(UUID.fromString(id));
  }

  @Test
  void aServerThatFailedLosesWhatItStillHolds() {
    compute.host("host1").faults().failNextEnsure(new HostException("", false));
    String id =
        compute
            .member()
            .post("/compute/v2.1/servers", compute.body("failed"))
            .expect(202)
            .json()
            .at("/server/id")
            .asString();
    compute.await(id, "ERROR");
    claim(id);

    compute.service.reconcile();

    assertThat(compute.placement.claimants()).doesNotContain(UUID.fromString(id));
  }

  @Test
  void whatNoServerEverHadIsLeftAlone() {
    String id = UUID.randomUUID().toString();
    UUID port = UUID.randomUUID();
    hold(port, id);
    hold(UUID.randomUUID(), "no-uuid");
    claim(id);

    compute.service.reconcile();

    assertThat(compute.networks.naming(id)).hasSize(1);
    assertThat(compute.networks.naming("no-uuid")).hasSize(1);
    assertThat(compute.placement.claimants()).contains(UUID.fromString(id));
  }

  @Test
  void aLivingServerKeepsItsPortsAndClaimsAgain() {
    String id = compute.active("alive");
    UUID own = port(id).id();
    compute
        .database
        .database()
        .change(handle -> compute.placement.release(handle, UUID.fromString(id)));

    compute.service.reconcile();

    assertThat(compute.placement.claimants()).contains(UUID.fromString(id));
    assertThat(port(id).id()).isEqualTo(own);
  }

  private PortInfo port(String server) {
    return compute.networks.naming(server).getFirst();
  }

  private void hold(UUID port, String device) {
    compute.networks.createPort(
        new Networks.PortRequest(
            port,
            "p1",
            compute.network,
            Optional.empty(),
            List.of(),
            device,
            "compute:nova",
            "host1",
            "name"),
        "req");
  }

  private void claim(String server) {
    UUID provider = compute.placement.usages().keySet().iterator().next();
    boolean claimed =
        compute
            .database
            .database()
            .transact(handle ->
                compute.placement.claim(
                    handle, UUID.fromString(server), provider, Map.of("VCPU", 1L), "p1", "alice"));
    assertThat(claimed).isTrue();
  }
}
