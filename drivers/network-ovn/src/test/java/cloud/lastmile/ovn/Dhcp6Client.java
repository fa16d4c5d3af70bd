package cloud.lastmile.ovn;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks by DHCPv6 (RFC 8415) and prints what it is told, one {@code option=hexadecimal} a line and
 * {@code address=…}; run in a guest. The argument is {@code address} or {@code information}.
 */
final class Dhcp6Client {
  private static final int SOLICIT = 1;
  private static final int REQUEST = 3;
  private static final int INFORMATION_REQUEST = 11;
  private static final int CLIENT_ID = 1;
  private static final int SERVER_ID = 2;
  private static final int IA_NA = 3;
  private static final int IA_ADDRESS = 5;
  private static final int WANTED = 6;
  private static final int ELAPSED = 8;
  private static final int ATTEMPTS = 10;

  private final DatagramSocket socket;
  private final InetSocketAddress servers;
  private final byte[] mac;

  private Dhcp6Client(DatagramSocket socket, NetworkInterface device) throws IOException {
    this.socket = socket;
    this.mac = device.getHardwareAddress();
    InetAddress all = InetAddress.getByName("ff02::1:2%" + device.getName());
    this.servers = new InetSocketAddress(all, 547);
  }

  public static void main(String[] arguments) throws IOException {
    NetworkInterface device = NetworkInterface.getByName("eth0");
    InetAddress local =
        Collections.list(device.getInetAddresses()).stream()
            .filter(address -> address instanceof Inet6Address && address.isLinkLocalAddress())
            .findFirst()
            .orElseThrow();
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(local, 546))) {
      socket.setSoTimeout(1000);
      Dhcp6Client client = new Dhcp6Client(socket, device);
      if (arguments[0].equals("information")) {
        print(client.ask(INFORMATION_REQUEST, new TreeMap<>(), false));
      } else {
        Map<Integer, byte[]> offer = client.ask(SOLICIT, new TreeMap<>(), true);
        print(client.ask(REQUEST, offer, true));
      }
    }
  }

  private Map<Integer, byte[]> ask(int type, Map<Integer, byte[]> offer, boolean address)
      throws IOException {
    byte[] message = message(type, offer, address);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      socket.send(new DatagramPacket(message, message.length, servers));
      try {
        byte[] buffer = new byte[1500];
        DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
        socket.receive(answer);
        return options(ByteBuffer.wrap(buffer, 4, answer.getLength() - 4));
      } catch (SocketTimeoutException silent) {
        // Asked again.
      }
    }
    throw new IOException("nobody answers");
  }

  private byte[] message(int type, Map<Integer, byte[]> offer, boolean address) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt((type << 24) | 0x123456);
    ByteBuffer id = ByteBuffer.allocate(10).putShort((short) 3).putShort((short) 1).put(mac);
    option(out, CLIENT_ID, id.array());
    byte[] server = offer.get(SERVER_ID);
    if (server != null) {
      option(out, SERVER_ID, server);
    }
    if (address) {
      byte[] offered = offer.getOrDefault(IA_NA, new byte[0]);
      byte[] inner =
          offered.length > 12 ? Arrays.copyOfRange(offered, 12, offered.length) : new byte[0];
      option(
          out,
          IA_NA,
          ByteBuffer.allocate(12 + inner.length).putInt(1).putInt(0).putInt(0).put(inner).array());
    }
    option(out, WANTED, new byte[] {0, 23, 0, 24, 0, 59});
    option(out, ELAPSED, new byte[2]);
    return bytes.toByteArray();
  }

  private static void option(DataOutputStream out, int code, byte[] value) throws IOException {
    out.writeShort(code);
    out.writeShort(value.length);
    out.write(value);
  }

  private static Map<Integer, byte[]> options(ByteBuffer data) {
    Map<Integer, byte[]> options = new TreeMap<>();
    while (data.remaining() >= 4) {
      int code = data.getShort();
      byte[] value = new byte[data.getShort()];
      data.get(value);
      options.put(code, value);
    }
    return options;
  }

  private static void print(Map<Integer, byte[]> options) throws IOException {
    StringBuilder text = new StringBuilder();
    options.forEach((code, value) ->
        text.append(code).append('=').append(HexFormat.of().formatHex(value)).append('\n'));
    byte[] association = options.get(IA_NA);
    if (association != null) {
      Map<Integer, byte[]> inner =
          options(ByteBuffer.wrap(association, 12, association.length - 12));
      byte[] address = Arrays.copyOf(inner.getOrDefault(IA_ADDRESS, new byte[0]), 16);
      text.append("address=").append(InetAddress.getByAddress(address).getHostAddress());
    }
    System.out.println(text);
  }
}
