package cloud.lastmile.image.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * A file of hostile content: it is read in small pieces, and only so many bytes in all. What is
 * read is held at once, so the budget is also what bounds the memory.
 */
final class BoundedFile {
  /** More than any accepted format needs: VHDX has two tables of 64 KiB. */
  static final int BUDGET = 256 * 1024;

  private final FileChannel channel;
  private final long length;
  private int budget = BUDGET;

  BoundedFile(FileChannel channel) throws IOException {
    this.channel = channel;
    this.length = channel.size();
  }

  long length() {
    return length;
  }

  /**
   * Exactly these bytes, big-endian.
   *
   * @throws ImageFormatException if the file is too short or too much was read of it
   */
  ByteBuffer read(long offset, int count) throws IOException, ImageFormatException {
    if (offset < 0 || count < 0 || offset > length || count > length - offset) {
      throw new ImageFormatException("The image is truncated");
    }
    if (count > budget) {
      throw new ImageFormatException("The image's headers are too large");
    }
    budget -= count;
    ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.BIG_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new ImageFormatException("The image is truncated");
      }
    }
    return buffer.flip();
  }

  /** How many bytes were read. */
  int taken() {
    return BUDGET - budget;
  }

  /** Whether the file has these characters there. */
  boolean has(long offset, String latin1) throws IOException, ImageFormatException {
    byte[] wanted = latin1.getBytes(StandardCharsets.ISO_8859_1);
    return offset >= 0
        && offset + wanted.length <= length
        && read(offset, wanted.length).equals(ByteBuffer.wrap(wanted));
  }
}
