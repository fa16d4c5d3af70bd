package cloud.lastmile.ovn;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.network.backend.Topology.Subnet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How many ports a second OVN acknowledges, by the number of ports there already are; and the
 * memory of the daemons. Run it by hand: it proves nothing and prints a table.
 */
public final class PortRateBench {
  private static final int CLIENTS = 8;
  private static final int ROUND = 500;

  private PortRateBench() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length == 0 ? 4 : Integer.parseInt(arguments[0]);
    long begin = System.nanoTime();
    try (OvnFixture ovn = new OvnFixture()) {
      System.out.printf("start from empty: %d ms%n", millis(begin));
      begin = System.nanoTime();
      ovn.restartLastmile();
      System.out.printf("start onto running daemons: %d ms%n", millis(begin));
      printUse(ovn);
      SecurityGroup group = Samples.group(Samples.egress(), Samples.ingress("tcp", 22));
      ovn.network().backend().apply(Samples.changes(group));
      for (int round = 0; round < rounds; round++) {
        round(ovn, group, round);
        printUse(ovn);
      }
    }
  }

  private static void round(OvnFixture ovn, SecurityGroup group, int round) throws Exception {
    OvnBackend backend = ovn.network().backend();
    Network network = Samples.network("bench" + round);
    Subnet subnet = Samples.subnet(network, "10.100." + round);
    backend.apply(Samples.changes(network, subnet));
    long begin = System.nanoTime();
    List<Future<long[]>> clients = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(threads.submit(() -> client(backend, subnet, group)));
      }
    }
    long elapsed = millis(begin);
    List<Long> all = new ArrayList<>();
    for (Future<long[]> client : clients) {
      Arrays.stream(client.get()).forEach(all::add);
    }
    all.sort(null);
    System.out.printf(
        "%5d present: %4d ports/s, median %.1f ms, p99 %.1f ms%n",
        round * ROUND,
        all.size() * 1000L / elapsed,
        all.get(all.size() / 2) / 1e6,
        all.get(all.size() * 99 / 100) / 1e6);
  }

  private static long[] client(OvnBackend backend, Subnet subnet, SecurityGroup group)
      throws IOException {
    long[] nanos = new long[ROUND / CLIENTS];
    for (int i = 0; i < nanos.length; i++) {
      Port port = Samples.port(subnet, "10.100.0." + (i % 250), group);
      long begin = System.nanoTime();
      backend.apply(List.of(new Change.PutPort(port)));
      nanos[i] = System.nanoTime() - begin;
    }
    return nanos;
  }

  private static void printUse(OvnFixture ovn) throws IOException {
    long total = 0;
    StringBuilder text = new StringBuilder();
    StringBuilder processor = new StringBuilder();
    for (var daemon : ovn.network().daemons().processes().entrySet()) {
      long pss = pss(daemon.getValue());
      total += pss;
      text.append(" ").append(daemon.getKey()).append(" ").append(pss / 1024);
      long millis = daemon.getValue().info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
      processor.append(" ").append(daemon.getKey()).append(" ").append(millis);
    }
    System.out.printf("PSS in MiB: %d (%s )%n", total / 1024, text);
    long own = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
    System.out.printf("CPU so far in ms: this %d%s%n", own, processor);
  }

  private static long pss(ProcessHandle process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/smaps_rollup")).stream()
        .filter(line -> line.startsWith("Pss:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  private static long millis(long begin) {
    return (System.nanoTime() - begin) / 1_000_000;
  }
}
