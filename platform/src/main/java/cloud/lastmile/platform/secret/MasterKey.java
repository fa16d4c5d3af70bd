package cloud.lastmile.platform.secret;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/**
 * The operator's key, which encrypts the keys that encrypt what is kept for long, and by itself
 * what comes and goes. It is not in the database, so that a copy of that tells nothing; every node
 * needs the same.
 */
public final class MasterKey {
  private final Cipher256 cipher;

  private MasterKey(byte[] secret) {
    this.cipher = new Cipher256(secret);
  }

  /**
   * @param secret 32 bytes
   */
  public static MasterKey of(byte[] secret) {
    return new MasterKey(secret);
  }

  /** One that dies with the process, for tests and for clouds that keep nothing. */
  public static MasterKey random() {
    byte[] secret = new byte[Cipher256.KEY_LENGTH];
    new SecureRandom().nextBytes(secret);
    return new MasterKey(secret);
  }

  /** The key in a file that only its owner reads; made if it is not there. */
  public static MasterKey in(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] secret = new byte[Cipher256.KEY_LENGTH];
      new SecureRandom().nextBytes(secret);
      write(file, Base64.getEncoder().encodeToString(secret));
    }
    try {
      return new MasterKey(Base64.getDecoder().decode(Files.readString(file).strip()));
    } catch (IllegalArgumentException malformed) {
      throw new IOException(file + " does not hold a key of 32 bytes in base64", malformed);
    }
  }

  private static void write(Path file, String text) throws IOException {
    try (var channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    } catch (FileAlreadyExistsException another) {
      // Another process made it first; that one counts.
    }
  }

  /**
   * Encrypts something that comes back soon, from outside or from the database.
   *
   * @param purpose what it is; it opens only as that
   */
  public byte[] seal(byte[] plain, String purpose) {
    return cipher.encrypt(plain, "sealed " + purpose);
  }

  /** Throws IllegalStateException if it was not sealed with this key, for this purpose. */
  public byte[] open(byte[] sealed, String purpose) {
    return cipher.decrypt(sealed, "sealed " + purpose);
  }

  /** Encrypts a key that encrypts what is kept for long. */
  public byte[] wrap(int keyId, byte[] secret) {
    return cipher.encrypt(secret, "key " + keyId);
  }

  /** Throws IllegalStateException if it was not this key that wrapped it. */
  public byte[] unwrap(int keyId, byte[] wrapped) {
    return cipher.decrypt(wrapped, "key " + keyId);
  }
}
