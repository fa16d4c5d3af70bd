package cloud.lastmile.image.download;

import cloud.lastmile.platform.core.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/** A body in one piece or in chunks. Whatever breaks it off is a failure, never a short body. */
final class HttpBody extends InputStream {
  private static final int MAX_CHUNK_LINE = 1_024;
  private static final int MAX_TRAILERS = 64 * 1024;

  private final InputStream input;
  private final boolean isChunked;
  private final String from;

  /** Of the body or of the present chunk; negative for a body that ends with the connection. */
  private long left;

  private boolean isFirstChunk = true;
  private boolean isDone;

  HttpBody(InputStream input, OptionalLong length, boolean isChunked, String from) {
    this.input = input;
    this.isChunked = isChunked;
    this.from = from;
    this.left = isChunked ? 0 : length.orElse(-1);
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /**
   * @throws ApiException unavailable, if the server breaks off
   */
  @Override
  public int read(byte[] buffer, int offset, int count) {
    try {
      return readPart(buffer, offset, count);
    } catch (IOException broken) {
      throw ApiException.unavailable(from + " broke off", broken);
    }
  }

  private int readPart(byte[] buffer, int offset, int count) throws IOException {
    if (isDone) {
      return -1;
    }
    if (left == 0 && !(isChunked && nextChunk())) {
      isDone = true;
      return -1;
    }
    int wanted = left < 0 ? count : (int) Math.min(count, left);
    int got = input.read(buffer, offset, wanted);
    if (got < 0) {
      if (left > 0) {
        throw new IOException("the body ends early");
      }
      isDone = true;
      return -1;
    }
    if (left > 0) {
      left -= got;
    }
    return got;
  }

  private boolean nextChunk() throws IOException {
    HttpAnswer.Lines lines = new HttpAnswer.Lines(input, MAX_CHUNK_LINE);
    if (!isFirstChunk && !lines.next().isEmpty()) {
      throw new IOException("a chunk is too long");
    }
    isFirstChunk = false;
    String size = lines.next().split(";", 2)[0].strip();
    if (!size.matches("[0-9a-fA-F]{1,15}")) {
      throw new IOException("a chunk has no size");
    }
    left = Long.parseLong(size, 16);
    if (left > 0) {
      return true;
    }
    HttpAnswer.Lines trailers = new HttpAnswer.Lines(input, MAX_TRAILERS);
    while (!trailers.next().isEmpty()) {
      // Trailers say nothing that matters here.
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
