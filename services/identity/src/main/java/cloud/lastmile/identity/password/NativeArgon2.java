package cloud.lastmile.identity.password;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Argon2id by its authors' library, which Debian has on every machine with systemd. Beside being
 * faster it runs outside of the JVM: a thread in it holds up no garbage collection, however long it
 * has to wait for a processor.
 */
final class NativeArgon2 {
  private static final Logger LOG = LoggerFactory.getLogger(NativeArgon2.class);
  private static final String LIBRARY = "libargon2.so.1";

  private final MethodHandle hashRaw;

  private NativeArgon2(MethodHandle hashRaw) {
    this.hashRaw = hashRaw;
  }

  /** Empty if the machine does not have it. */
  @SuppressWarnings("restricted")
  static Optional<NativeArgon2> find() {
    try {
      SymbolLookup library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
      return Optional.of(
          new NativeArgon2(
              Linker.nativeLinker()
                  .downcallHandle(
                      library.findOrThrow("argon2id_hash_raw"),
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_INT,
                          ValueLayout.ADDRESS,
                          ValueLayout.JAVA_LONG,
                          ValueLayout.ADDRESS,
                          ValueLayout.JAVA_LONG,
                          ValueLayout.ADDRESS,
                          ValueLayout.JAVA_LONG))));
    } catch (RuntimeException | LinkageError missing) {
      LOG.info("No {}: passwords are hashed in Java, and logins take longer", LIBRARY);
      return Optional.empty();
    }
  }

  /** Empty if the library refuses the numbers or got no memory. */
  Optional<byte[]> compute(byte[] password, byte[] salt, PasswordCost cost, int lanes, int length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment secret = arena.allocateFrom(ValueLayout.JAVA_BYTE, password);
      MemorySegment hash = arena.allocate(length);
      int refused;
      try {
        refused =
            (int)
                hashRaw.invokeExact(
                    cost.iterations(),
                    cost.memoryKib(),
                    lanes,
                    secret,
                    (long) password.length,
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, salt),
                    (long) salt.length,
                    hash,
                    (long) length);
      } catch (Throwable impossible) {
        throw new IllegalStateException(impossible);
      } finally {
        secret.fill((byte) 0);
      }
      return refused == 0 ? Optional.of(hash.toArray(ValueLayout.JAVA_BYTE)) : Optional.empty();
    }
  }
}
