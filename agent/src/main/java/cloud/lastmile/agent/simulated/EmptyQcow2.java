package cloud.lastmile.agent.simulated;

import cloud.lastmile.agent.HostException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a valid qcow2 file of a disk that holds only zeros. */
final class EmptyQcow2 {
  private static final int CLUSTER_BITS = 16;
  private static final int CLUSTER = 1 << CLUSTER_BITS;
  private static final long BYTES_PER_L1_ENTRY = (long) CLUSTER * (CLUSTER / 8);

  private EmptyQcow2() {}

  /** Layout: header, refcount table, refcount block, L1 table; a cluster each, L1 as needed. */
  static void write(Path target, long virtualSize) throws HostException {
    int l1Entries = Math.toIntExact(Math.max(1, Math.ceilDiv(virtualSize, BYTES_PER_L1_ENTRY)));
    int l1Clusters = Math.ceilDiv(l1Entries * 8, CLUSTER);
    ByteBuffer file = ByteBuffer.allocate((3 + l1Clusters) * CLUSTER);
    file.putInt(0x514649fb).putInt(3);
    file.putLong(0).putInt(0); // no backing file
    file.putInt(CLUSTER_BITS).putLong(virtualSize);
    file.putInt(0); // not encrypted
    file.putInt(l1Entries).putLong(3L * CLUSTER);
    file.putLong(CLUSTER).putInt(1); // refcount table
    file.putInt(0).putLong(0); // no snapshots
    file.putLong(0).putLong(0).putLong(0); // no features
    file.putInt(4).putInt(104); // 16-bit refcounts, length of this header
    file.putLong(CLUSTER, 2L * CLUSTER);
    for (int cluster = 0; cluster < 3 + l1Clusters; cluster++) {
      file.putShort(2 * CLUSTER + 2 * cluster, (short) 1);
    }
    try {
      Files.write(target, file.array());
    } catch (IOException e) {
      throw new HostException("cannot write " + target, true, e);
    }
  }
}
