package cloud.lastmile.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.placement.api.Placement.Candidate;
import cloud.lastmile.placement.api.Placement.Inventory;
import cloud.lastmile.placement.api.Placement.Request;
import cloud.lastmile.placement.provider.LabelStore;
import cloud.lastmile.placement.provider.ProviderStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.StatementCounter;
import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.testing.TestingDatabase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class InProcessPlacementTest {
  private static final Map<String, Inventory> HOST =
      Map.of(
          "VCPU", new Inventory(8, 0, 4.0),
          "MEMORY_MB", new Inventory(16_384, 512, 1.0),
          "DISK_GB", new Inventory(100, 0, 1.0));
  private static final Map<String, Long> SMALL =
      Map.of("VCPU", 1L, "MEMORY_MB", 512L, "DISK_GB", 5L);

  @AutoClose private final TestingDatabase testing = TestingDatabase.create("placement");
  private final Database database = testing.database();
  private final Placement placement =
      new PlacementService(database, new WorkNode(database, "node").events()).placement();

  private boolean claim(UUID consumer, UUID provider, Map<String, Long> resources) {
    return database.transact(
        handle -> placement.claim(handle, consumer, provider, resources, "project", "user"));
  }

  private void release(UUID consumer) {
    database.change(handle -> placement.release(handle, consumer));
  }

  private static Request request(Map<String, Long> resources, int limit) {
    return new Request(resources, Set.of(), Set.of(), limit);
  }

  @Test
  void aHostIsACandidateWithWhatIsFree() {
    UUID host = UUID.randomUUID();
    placement.putProvider(host, "host-1", HOST, Set.of("HW_CPU_X86_VMX"));

    assertThat(placement.candidates(request(SMALL, 10)))
        .containsExactly(
            new Candidate(
                host, "host-1", Map.of("VCPU", 32L, "MEMORY_MB", 15_872L, "DISK_GB", 100L)));
    assertThat(placement.candidates(request(Map.of("VCPU", 9L), 10))).isEmpty();
    assertThat(placement.candidates(request(Map.of("VCPU", 1L, "VGPU", 1L), 10))).isEmpty();
  }

  @Test
  void traitsRequireAndForbid() {
    placement.putProvider(UUID.randomUUID(), "plain", HOST, Set.of());
    placement.putProvider(UUID.randomUUID(), "fast", HOST, Set.of("HW_CPU_X86_VMX"));

    assertThat(placement.candidates(new Request(SMALL, Set.of("HW_CPU_X86_VMX"), Set.of(), 10)))
        .extracting(Candidate::name)
        .containsExactly("fast");
    assertThat(placement.candidates(new Request(SMALL, Set.of(), Set.of("HW_CPU_X86_VMX"), 10)))
        .extracting(Candidate::name)
        .containsExactly("plain");
  }

  @Test
  void thoseOfNoUseAreLeftOutBeforeTheLimit() {
    UUID open = UUID.randomUUID();
    Set<UUID> shut = new HashSet<>();
    placement.putProvider(open, "open", HOST, Set.of());
    for (int host = 0; host < 40; host++) {
      UUID id = UUID.randomUUID();
      shut.add(id);
      placement.putProvider(id, "shut-" + host, HOST, Set.of());
    }
    Request few = request(SMALL, 2);
    assertThat(placement.candidates(few.without(shut)))
        .extracting(Candidate::name)
        .containsExactly("open");
    assertThat(placement.candidates(few.among(Set.of(open))))
        .extracting(Candidate::name)
        .containsExactly("open");
  }

  @Test
  void aHostIsInTheAggregatesThatItJoined() {
    UUID host = UUID.randomUUID();
    UUID one = UUID.randomUUID();
    UUID two = UUID.randomUUID();
    placement.putProvider(host, "host-1", HOST, Set.of());
    database.change(handle -> placement.joinAggregate(handle, host, one));
    database.change(handle -> placement.joinAggregate(handle, host, two));
    int before = generation(host);
    database.change(handle -> placement.joinAggregate(handle, host, two));
    assertThat(generation(host)).isEqualTo(before);
    database.change(handle -> placement.leaveAggregate(handle, host, one));
    assertThat(generation(host)).isEqualTo(before + 1);
    placement.putProvider(host, "host-1", HOST, Set.of());
    Set<UUID> left = database.read(handle -> new LabelStore().aggregates(handle, host));
    assertThat(left).containsExactly(two);
    database.change(handle -> placement.leaveAggregate(handle, UUID.randomUUID(), two));
  }

  @Test
  void anOperatorsTraitsStayWithAProvider() {
    UUID host = UUID.randomUUID();
    LabelStore labels = new LabelStore();
    placement.putProvider(host, "host-1", HOST, Set.of("HW_CPU_X86_VMX"));
    database.change(
        handle -> labels.setTraits(handle, host, Set.of("HW_CPU_X86_VMX", "CUSTOM_FAST")));
    int before = generation(host);
    placement.putProvider(host, "host-1", HOST, Set.of("HW_CPU_X86_VMX"));
    assertThat(generation(host)).isEqualTo(before);
    placement.putProvider(host, "host-1", HOST, Set.of());
    Set<String> left = database.read(handle -> labels.traits(handle, host));
    assertThat(left).containsExactly("CUSTOM_FAST");
  }

  @Test
  void puttingAProviderAgainChangesItOnlyIfItDiffers() {
    UUID host = UUID.randomUUID();
    placement.putProvider(host, "host-1", HOST, Set.of());
    claim(UUID.randomUUID(), host, SMALL);
    int before = generation(host);
    placement.putProvider(host, "host-1", HOST, Set.of());
    assertThat(generation(host)).isEqualTo(before);

    placement.putProvider(
        host,
        "renamed",
        Map.of(
            "VCPU", new Inventory(2, 0, 1.0),
            "MEMORY_MB", new Inventory(1_024, 0, 1.0),
            "DISK_GB", new Inventory(5, 0, 1.0)),
        Set.of());
    assertThat(generation(host)).isEqualTo(before + 1);
    assertThat(placement.usages()).containsEntry(host, SMALL);
    assertThat(placement.candidates(request(SMALL, 10))).isEmpty();

    assertThatThrownBy(() -> placement.putProvider(host, "renamed", Map.of(), Set.of()))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("in use");
    assertThatThrownBy(() -> placement.putProvider(UUID.randomUUID(), "renamed", HOST, Set.of()))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("renamed");
  }

  private int generation(UUID provider) {
    return database
        .read(handle -> new ProviderStore().find(handle, provider))
        .orElseThrow()
        .generation();
  }

  @Test
  void claimingIsIdempotentAndAllOrNothing() {
    UUID host = UUID.randomUUID();
    UUID consumer = UUID.randomUUID();
    placement.putProvider(host, "host-1", HOST, Set.of());

    assertThat(claim(consumer, host, SMALL)).isTrue();
    assertThat(claim(consumer, host, SMALL)).isTrue();
    assertThat(placement.usages()).containsEntry(host, SMALL);
    assertThat(placement.claimants()).containsExactly(consumer);

    assertThat(claim(UUID.randomUUID(), host, Map.of("VCPU", 1L, "DISK_GB", 96L))).isFalse();
    assertThat(claim(UUID.randomUUID(), host, Map.of("VGPU", 1L))).isFalse();
    assertThat(claim(UUID.randomUUID(), UUID.randomUUID(), SMALL)).isFalse();
    assertThat(placement.usages()).containsEntry(host, SMALL);

    release(consumer);
    release(consumer);
    assertThat(placement.usages().get(host).values()).containsOnly(0L);
    assertThat(count("consumer")).isZero();
    assertThat(count("allocation")).isZero();
  }

  @Test
  void aSecondClaimReplacesTheFirst() {
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    UUID consumer = UUID.randomUUID();
    placement.putProvider(first, "host-1", HOST, Set.of());
    placement.putProvider(second, "host-2", HOST, Set.of());
    claim(consumer, first, SMALL);

    assertThat(claim(consumer, second, Map.of("VCPU", 2L))).isTrue();
    assertThat(placement.usages().get(first).values()).containsOnly(0L);
    assertThat(placement.usages().get(second)).containsEntry("VCPU", 2L);
  }

  private long count(String table) {
    return database.read(handle ->
        handle.createQuery("SELECT count(*) FROM placement." + table).mapTo(Long.class).one());
  }

  @Test
  void concurrentClaimsNeverOversell() throws Exception {
    List<UUID> hosts = List.of(UUID.randomUUID(), UUID.randomUUID());
    for (UUID host : hosts) {
      placement.putProvider(
          host, "host-" + host, Map.of("VCPU", new Inventory(10, 0, 1.0)), Set.of());
    }
    List<Callable<Boolean>> claims = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      UUID host = hosts.get(i % 2);
      UUID consumer = UUID.randomUUID();
      boolean releases = i % 3 == 0;
      claims.add(() -> {
        boolean claimed = claim(consumer, host, Map.of("VCPU", 1L));
        if (claimed && releases) {
          release(consumer);
          return claim(consumer, host, Map.of("VCPU", 1L));
        }
        return claimed;
      });
    }
    int claimed = 0;
    try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
      for (Future<Boolean> result : executor.invokeAll(claims)) {
        claimed += result.get() ? 1 : 0;
      }
    }

    Map<UUID, Map<String, Long>> usages = placement.usages();
    assertThat(usages.get(hosts.get(0)).get("VCPU")).isLessThanOrEqualTo(10);
    assertThat(usages.get(hosts.get(1)).get("VCPU")).isLessThanOrEqualTo(10);
    assertThat(claimed)
        .isEqualTo(
            (int) (usages.get(hosts.get(0)).get("VCPU") + usages.get(hosts.get(1)).get("VCPU")));
    assertThat(count("allocation")).isEqualTo(claimed);
    assertThat(count("consumer")).isEqualTo(claimed);
  }

  @Test
  void theSameConsumerClaimedTwiceAtOnceHoldsOneClaim() throws Exception {
    UUID host = UUID.randomUUID();
    UUID consumer = UUID.randomUUID();
    placement.putProvider(host, "host-1", HOST, Set.of());
    Callable<Boolean> claim = () -> claim(consumer, host, SMALL);
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      for (Future<Boolean> result : executor.invokeAll(List.of(claim, claim, claim, claim))) {
        assertThat(result.get()).isTrue();
      }
    }
    assertThat(placement.usages()).containsEntry(host, SMALL);
  }

  @Test
  void candidatesCostTheSameWhateverTheNumberOfHosts() {
    for (int i = 0; i < 30; i++) {
      placement.putProvider(UUID.randomUUID(), "host-" + i, HOST, Set.of());
    }
    assertThat(placement.candidates(request(SMALL, 7))).hasSize(7);
    assertThat(placement.candidates(request(SMALL, 100))).hasSize(30);
    assertThat(StatementCounter.count(() -> placement.candidates(request(SMALL, 1)))).isEqualTo(2);
    assertThat(StatementCounter.count(() -> placement.candidates(request(SMALL, 30)))).isEqualTo(2);
    assertThat(StatementCounter.count(placement::usages)).isEqualTo(1);
  }
}
