package cloud.lastmile.compute.hardware;

import cloud.lastmile.platform.core.ApiException;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a server's virtual CPUs are grouped: what the image prefers ({@code hw_cpu_sockets} and so
 * on), else what the flavor does ({@code hw:cpu_sockets}), within the bounds of both ({@code
 * hw_cpu_max_sockets}, {@code hw:cpu_max_sockets}), of which the image's must be the narrower.
 */
record CpuTopology(int sockets, int cores, int threads) {
  private static final int MOST = 65_536;
  private static final CpuTopology NONE = new CpuTopology(0, 0, 0);

  /** Fewer threads first, then more sockets. */
  private static final Comparator<CpuTopology> BEST =
      Comparator.<CpuTopology>comparingInt(made -> made.sockets * made.cores)
          .thenComparingInt(CpuTopology::sockets);

  /**
   * @param image properties of the image
   * @param flavor extra specs of the flavor
   * @return empty if neither says anything
   * @throws ApiException bad request if what they say cannot be
   */
  static Optional<CpuTopology> choose(
      Map<String, String> image, Map<String, String> flavor, int vcpus) {
    CpuTopology flavorMost = read(flavor, "hw:cpu_max_", "flavor extra spec");
    CpuTopology imageMost = read(image, "hw_cpu_max_", "image metadata");
    CpuTopology flavorWish = read(flavor, "hw:cpu_", "flavor extra spec");
    CpuTopology imageWish = read(image, "hw_cpu_", "image metadata");
    if (Stream.of(flavorMost, imageMost, flavorWish, imageWish).allMatch(NONE::equals)) {
      return Optional.empty();
    }
    if (imageMost.exceeds(flavorMost.orMost())) {
      throw ApiException.badRequest(
          "Image vCPU topology limits (%s) exceeds the limits of the flavor (%s)"
              .formatted(imageMost, flavorMost));
    }
    CpuTopology most = imageMost.or(flavorMost).orMost();
    if (imageWish.exceeds(most)) {
      throw ApiException.badRequest(
          "Image vCPU topology (%s) exceeds the limits of the flavor or image (%s)"
              .formatted(imageWish, most));
    }
    CpuTopology wish =
        imageWish.equals(NONE) ? (flavorWish.exceeds(most) ? NONE : flavorWish) : imageWish;
    return Optional.of(
        possible(vcpus)
            .filter(made -> !made.exceeds(most))
            .max(
                Comparator.<CpuTopology>comparingInt(made -> made.likeness(wish))
                    .thenComparing(BEST))
            .orElseThrow(() ->
                ApiException.badRequest(
                    "Requested vCPU limits %d:%d:%d are impossible to satisfy for vcpus count %d"
                        .formatted(
                            Math.min(vcpus, most.sockets),
                            Math.min(vcpus, most.cores),
                            Math.min(vcpus, most.threads),
                            vcpus))));
  }

  private static Stream<CpuTopology> possible(int vcpus) {
    return divisors(vcpus)
        .boxed()
        .flatMap(sockets ->
            divisors(vcpus / sockets)
                .mapToObj(cores -> new CpuTopology(sockets, cores, vcpus / sockets / cores)));
  }

  private static IntStream divisors(int number) {
    return IntStream.rangeClosed(1, number).filter(divisor -> number % divisor == 0);
  }

  private static CpuTopology read(Map<String, String> from, String prefix, String what) {
    return new CpuTopology(
        number(from, prefix + "sockets", what),
        number(from, prefix + "cores", what),
        number(from, prefix + "threads", what));
  }

  private static int number(Map<String, String> from, String key, String what) {
    String text = from.getOrDefault(key, "0").strip();
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > MOST) {
      throw ApiException.badRequest(
          "Invalid " + what + ". Error: " + key + " must be a number: " + text);
    }
    return Integer.parseInt(text);
  }

  private int likeness(CpuTopology wish) {
    return (wish.sockets == sockets ? 1 : 0)
        + (wish.cores == cores ? 1 : 0)
        + (wish.threads == threads ? 1 : 0);
  }

  private boolean exceeds(CpuTopology most) {
    return sockets > most.sockets || cores > most.cores || threads > most.threads;
  }

  private CpuTopology or(CpuTopology other) {
    return new CpuTopology(
        sockets == 0 ? other.sockets : sockets,
        cores == 0 ? other.cores : cores,
        threads == 0 ? other.threads : threads);
  }

  private CpuTopology orMost() {
    return or(new CpuTopology(MOST, MOST, MOST));
  }

  @Override
  public String toString() {
    return "sockets=%d, cores=%d, threads=%d".formatted(sockets, cores, threads);
  }
}
