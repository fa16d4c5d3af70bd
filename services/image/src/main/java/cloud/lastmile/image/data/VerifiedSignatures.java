package cloud.lastmile.image.data;

import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.platform.core.ApiException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Signatures of images that servers are made from. An image's bytes never change, but what is said
 * of their signature may, behind the upload that verified it; so a server is made only when what is
 * said now holds. A process reads the bytes for it once.
 */
public final class VerifiedSignatures {
  private final ImageIngest ingest;

  /** What held, by image. There is an entry for each signed image that is used. */
  private final Map<UUID, Known> known = new ConcurrentHashMap<>();

  public VerifiedSignatures(ImageIngest ingest) {
    this.ingest = ingest;
  }

  private static final class Known {
    private final ReentrantLock lock = new ReentrantLock();
    private Map<String, String> properties = Map.of();
  }

  /**
   * @throws IOException if the image says that it is signed and this is not true
   */
  public void demand(ImageRecord image, Path file) throws IOException {
    Map<String, String> said = new HashMap<>(image.attributes().properties());
    said.keySet().retainAll(ImageSignature.PROPERTIES);
    if (said.size() < ImageSignature.PROPERTIES.size()) {
      return;
    }
    Known verified = known.computeIfAbsent(image.id(), _ -> new Known());
    verified.lock.lock();
    try {
      if (!verified.properties.equals(said)) {
        ingest.verify(file, image.attributes());
        verified.properties = said;
      }
    } catch (ApiException refused) {
      throw new IOException(refused.getMessage(), refused);
    } finally {
      verified.lock.unlock();
    }
  }
}
