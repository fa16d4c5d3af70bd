package cloud.lastmile.ovn;

import cloud.lastmile.testing.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * A guest that hears an IP protocol whose packets begin with two ports, whether its kernel knows
 * the protocol or not.
 */
final class RawProtocol implements AutoCloseable {
  private static final String LISTEN =
      """
      import socket, sys
      s = socket.socket(socket.AF_INET, socket.SOCK_RAW, int(sys.argv[1]))
      print("ready", flush=True)
      while True:
          packet = s.recv(2048)
          print(int.from_bytes(packet[22:24], "big"), flush=True)
      """;
  private static final String SEND =
      """
      import socket, sys
      s = socket.socket(socket.AF_INET, socket.SOCK_RAW, int(sys.argv[1]))
      for port in sys.argv[3:]:
          head = (6000).to_bytes(2, "big") + int(port).to_bytes(2, "big")
          s.sendto(head + bytes(28), (sys.argv[2], 0))
      """;

  private final int protocol;
  private final Process listener;
  private final Set<String> heard = ConcurrentHashMap.newKeySet();

  RawProtocol(FakeGuest guest, int protocol) throws IOException {
    this.protocol = protocol;
    listener = guest.start("/usr/bin/python3", "-c", LISTEN, Integer.toString(protocol));
    BufferedReader lines = listener.inputReader(StandardCharsets.US_ASCII);
    if (!"ready".equals(lines.readLine())) {
      throw new IOException("the listener does not start");
    }
    Thread.ofVirtual().start(() -> lines.lines().forEach(heard::add));
  }

  /**
   * Sends a packet to each of the ports, in order and again and again, until one to the last port
   * has arrived; returns the ports at which any arrived.
   */
  Set<String> hears(FakeGuest from, String address, int... ports) throws Exception {
    List<String> send =
        new ArrayList<>(
            List.of("/usr/bin/python3", "-c", SEND, Integer.toString(protocol), address));
    IntStream.of(ports).mapToObj(Integer::toString).forEach(send::add);
    Await.until(
        "a packet at the last port",
        () -> {
          from.run(send.toArray(String[]::new));
          return heard.contains(send.getLast());
        });
    return Set.copyOf(heard);
  }

  @Override
  public void close() {
    listener.destroyForcibly();
  }
}
