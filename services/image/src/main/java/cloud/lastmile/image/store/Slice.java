package cloud.lastmile.image.store;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The next so many bytes of a stream. */
final class Slice extends FilterInputStream {
  private long left;

  Slice(InputStream input, long length) {
    super(input);
    this.left = length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int count) throws IOException {
    if (left == 0) {
      return -1;
    }
    int got = super.read(buffer, offset, (int) Math.min(count, left));
    left -= Math.max(0, got);
    return got;
  }
}
