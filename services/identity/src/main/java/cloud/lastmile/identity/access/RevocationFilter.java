package cloud.lastmile.identity.access;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A set of audit ids in a mebibyte, however many they are: a Bloom filter. It may say of an id that
 * is not in it that it may be, never the other way round: of one in 50,000 when it holds 100,000,
 * of one in 50 when it holds a million. Ids are only added.
 */
final class RevocationFilter {
  private static final int BITS = 1 << 23;
  private static final int BITS_EACH = 4;

  private final AtomicLongArray words = new AtomicLongArray(BITS / Long.SIZE);

  void add(String auditId) {
    long hash = hash(auditId);
    for (int i = 0; i < BITS_EACH; i++) {
      int bit = bit(hash, i);
      words.getAndUpdate(bit / Long.SIZE, word -> word | 1L << bit);
    }
  }

  boolean mayHold(String auditId) {
    long hash = hash(auditId);
    for (int i = 0; i < BITS_EACH; i++) {
      int bit = bit(hash, i);
      if ((words.get(bit / Long.SIZE) & 1L << bit) == 0) {
        return false;
      }
    }
    return true;
  }

  boolean isEmpty() {
    for (int i = 0; i < words.length(); i++) {
      if (words.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Two halves of one hash make all the others. */
  private static int bit(long hash, int i) {
    return (int) (hash + i * (hash >>> 32 | 1)) & (BITS - 1);
  }

  /** FNV-1a, with its bits mixed once more. */
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ hash >>> 32) * 0x9e3779b97f4a7c15L;
    return hash ^ hash >>> 29;
  }
}
