package cloud.lastmile.image.api;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the image service is set up.
 *
 * @param node this node's name: unique in the cloud and the same after a restart
 * @param directory the service's own: staged bytes and what is fetched from remote stores
 * @param maxImageBytes the largest image that may be uploaded
 * @param stores at least one; the first is the default
 * @param imports what users may import, and from where
 * @param trustedCertificates {@code <uuid>.pem} files by which signed images are verified
 */
public record ImageConfig(
    String node,
    Path directory,
    long maxImageBytes,
    List<Store> stores,
    Imports imports,
    Optional<Path> trustedCertificates) {
  private static final long TEBIBYTE = 1L << 40;

  /** The reference's names. */
  public static final List<String> IMPORT_METHODS =
      List.of("glance-direct", "web-download", "copy-image", "glance-download");

  public ImageConfig {
    if (maxImageBytes <= 0) {
      throw new IllegalArgumentException("image: max_image_bytes must be positive");
    }
    stores = List.copyOf(stores);
  }

  /** A store under the name that users see. */
  public sealed interface Store {
    String name();

    String description();
  }

  /** Files of a local directory. */
  public record Files(String name, String description, Path directory) implements Store {}

  /**
   * A bucket behind S3's HTTP API.
   *
   * @param endpoint such as {@code https://objects.example.net}; buckets are its paths
   * @param region as the server wants it in signatures, often {@code us-east-1}
   * @param credentials a file with the access key in its first line and the secret in its second
   * @param scratch where bytes lie while they are checked
   */
  public record S3(
      String name,
      String description,
      URI endpoint,
      String region,
      String bucket,
      Path credentials,
      Path scratch)
      implements Store {}

  /**
   * Imports.
   *
   * @param methods of {@link #IMPORT_METHODS}
   * @param allowedAddresses ranges that may be reached though they are private or this machine's
   */
  public record Imports(
      List<String> methods, UriFilter filter, List<String> allowedAddresses, Duration longest) {
    public static final Duration LONGEST = Duration.ofHours(6);
    public static final Imports STANDARD =
        new Imports(IMPORT_METHODS, UriFilter.STANDARD, List.of(), LONGEST);

    public Imports {
      methods = List.copyOf(methods);
      allowedAddresses = List.copyOf(allowedAddresses);
      if (!IMPORT_METHODS.containsAll(methods)) {
        throw new IllegalArgumentException("image.import: methods must be among " + IMPORT_METHODS);
      }
    }
  }

  /** One file store in the directory, the reference's limit of one TiB, and its import methods. */
  public static ImageConfig in(String node, Path directory) {
    return new ImageConfig(
        node,
        directory,
        TEBIBYTE,
        List.of(new Files("file", "Local files", directory)),
        Imports.STANDARD,
        Optional.empty());
  }
}
