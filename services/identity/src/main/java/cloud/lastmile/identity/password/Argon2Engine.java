package cloud.lastmile.identity.password;

import java.util.Optional;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator.BlockPool;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator.FixedBlockPool;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** What one thread computes Argon2id with; keeps the memory of a hash for the next one. */
final class Argon2Engine {
  /** Blocks of 1 KiB that Java's Argon2 takes beside its memory. */
  private static final int SPARE_BLOCKS = 16;

  private final Optional<NativeArgon2> library;
  private final BlockPool blocks;

  /**
   * @param library used if there
   * @param memoryKib that a usual hash fills
   */
  Argon2Engine(Optional<NativeArgon2> library, int memoryKib) {
    this.library = library;
    this.blocks = new FixedBlockPool(memoryKib + SPARE_BLOCKS);
  }

  byte[] compute(byte[] password, byte[] salt, PasswordCost cost, int lanes, int length) {
    return library
        .flatMap(found -> found.compute(password, salt, cost, lanes, length))
        .orElseGet(() -> inJava(password, salt, cost, lanes, length));
  }

  private byte[] inJava(byte[] password, byte[] salt, PasswordCost cost, int lanes, int length) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(cost.memoryKib())
            .withIterations(cost.iterations())
            .withParallelism(lanes)
            .withSalt(salt)
            .withBlockPool(blocks)
            .build());
    byte[] output = new byte[length];
    generator.generateBytes(password, output);
    return output;
  }
}
