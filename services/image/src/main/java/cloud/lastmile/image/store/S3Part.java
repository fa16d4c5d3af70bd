package cloud.lastmile.image.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A part of a local file on its way to S3, and the MD5 of what went. */
final class S3Part {
  private final Path file;
  private final long offset;
  private final long length;

  /** Of the last time it was sent: the client may have to connect again. */
  private volatile MessageDigest digest = md5();

  S3Part(Path file, long offset, long length) {
    this.file = file;
    this.offset = offset;
    this.length = length;
  }

  BodyPublisher body() {
    return length == 0
        ? BodyPublishers.noBody()
        : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(this::read), length);
  }

  private InputStream read() {
    digest = md5();
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ).position(offset);
      return new DigestInputStream(new Slice(Channels.newInputStream(channel), length), digest);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /**
   * Whether the ETag in the answer is an MD5, but not the one of what was sent. With a key of the
   * client's or of a key manager it never is the MD5, and some servers give other tags.
   */
  boolean isContradicted(HttpResponse<?> answer) {
    String tag = answer.headers().firstValue("ETag").orElse("").replace("\"", "");
    @Nullable String encryption =
        answer.headers().firstValue("x-amz-server-side-encryption").orElse(null);
    boolean isForeign =
        (encryption != null && !encryption.equals("AES256"))
            || answer
                .headers()
                .firstValue("x-amz-server-side-encryption-customer-algorithm")
                .isPresent();
    return !isForeign
        && tag.matches("[0-9a-fA-F]{32}")
        && !tag.equalsIgnoreCase(HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
