package cloud.lastmile.platform.http;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * How much of the process clients may take together, one of them alone, and a slow one for how
 * long.
 *
 * @param connections open at once; beyond them one goes that waits without a request, of the client
 *     that has most
 * @param connectionsPerAddress of one client address, or network of 64 bits of IPv6, as everywhere
 *     below; configured proxies are exempt
 * @param head how long the head of a request may take
 * @param idle how long a connection may be kept without a request
 * @param body how slowly a body may come
 * @param answer how slowly an answer may be read
 * @param requests answered at once, transfers of images not counted; half of them for one address
 * @param transfers of bytes that are never held whole, at once; half of them for one address
 * @param bodyBytes what bodies in memory and what is made of them may take; half for one address
 * @param patience how long a request waits for its turn before it is refused
 */
public record HttpLimits(
    int connections,
    int connectionsPerAddress,
    Duration head,
    Duration idle,
    Pace body,
    Pace answer,
    int requests,
    int transfers,
    long bodyBytes,
    Duration patience) {
  /** Nobody loses a place to others for keeping us waiting less: such waits are the network's. */
  static final long SLOW_NANOS = Duration.ofSeconds(1).toNanos();

  private static final int MOST_CONNECTIONS = 4096;
  private static final int FEWEST_CONNECTIONS = 32;
  private static final long MEBIBYTE = 1 << 20;

  /**
   * So many bytes must pass in so much time of waiting for the client.
   *
   * @param bytes that must pass
   * @param time in which they must
   */
  public record Pace(int bytes, Duration time) {}

  /** What this process's heap and its limit of open files allow. */
  public static HttpLimits ofMachine() {
    return of(Runtime.getRuntime().maxMemory(), openFiles());
  }

  static HttpLimits of(long heapBytes, long openFiles) {
    // Half of the files are for the database, guests, images and the program itself.
    int connections = Math.clamp(openFiles / 2, FEWEST_CONNECTIONS, MOST_CONNECTIONS);
    int requests = Math.clamp(heapBytes / (4 * MEBIBYTE), 32, 1024);
    return new HttpLimits(
        connections,
        connections / 2,
        Duration.ofSeconds(10),
        Duration.ofSeconds(75),
        new Pace(1 << 16, Duration.ofSeconds(30)),
        new Pace(1 << 18, Duration.ofSeconds(60)),
        requests,
        Math.clamp(heapBytes / MEBIBYTE, 64, 2048),
        Math.max(heapBytes / 8, 8 * MEBIBYTE),
        Duration.ofSeconds(2));
  }

  private static long openFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : MOST_CONNECTIONS;
  }

  /** With slow clients cut off after these times. */
  public HttpLimits hurried(Duration headTime, Duration idleTime, Pace bodyPace, Pace answerPace) {
    return new HttpLimits(
        connections,
        connectionsPerAddress,
        headTime,
        idleTime,
        bodyPace,
        answerPace,
        requests,
        transfers,
        bodyBytes,
        patience);
  }

  /** With other numbers of connections. */
  public HttpLimits connections(int all, int perAddress) {
    return new HttpLimits(
        all, perAddress, head, idle, body, answer, requests, transfers, bodyBytes, patience);
  }

  /** With other numbers of requests and bytes in memory. */
  public HttpLimits inFlight(int atOnce, int transfersAtOnce, long bytes, Duration wait) {
    return new HttpLimits(
        connections,
        connectionsPerAddress,
        head,
        idle,
        body,
        answer,
        atOnce,
        transfersAtOnce,
        bytes,
        wait);
  }
}
