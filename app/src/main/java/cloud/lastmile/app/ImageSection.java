package cloud.lastmile.app;

import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.image.api.UriFilter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code image:} in {@code lastmile.yaml}.
 *
 * @param maxImageBytes the largest image that may be uploaded; one TiB if left out
 * @param stores the first is the default; local files in the data directory if left out
 * @param trustedCertificates a directory of {@code <uuid>.pem} files, for signed images
 */
record ImageSection(
    long maxImageBytes,
    @Nullable List<Store> stores,
    @Nullable Import imports,
    @Nullable Path trustedCertificates) {
  private static final long TEBIBYTE = 1L << 40;

  ImageSection {
    Bounds.check("image.max_image_bytes", maxImageBytes, 0, Long.MAX_VALUE);
  }

  /**
   * A store.
   *
   * @param id the name that users see
   * @param type {@code file} or {@code s3}
   * @param directory of a file store; in the data directory if left out
   * @param credentials of an s3 store: a file with the access key and the secret, a line each
   */
  record Store(
      String id,
      String type,
      @Nullable String description,
      @Nullable Path directory,
      @Nullable URI endpoint,
      @Nullable String region,
      @Nullable String bucket,
      @Nullable Path credentials) {

    ImageConfig.Store config(Path images) {
      String shown = Objects.requireNonNullElse(description, "");
      return switch (Objects.requireNonNullElse(type, "")) {
        case "file" ->
            new ImageConfig.Files(
                required("id", id),
                shown,
                Objects.requireNonNullElse(directory, images.resolve("store-" + id)));
        case "s3" ->
            new ImageConfig.S3(
                required("id", id),
                shown,
                required("endpoint", endpoint),
                Objects.requireNonNullElse(region, "us-east-1"),
                required("bucket", bucket),
                required("credentials", credentials),
                images.resolve("scratch-" + id));
        default -> throw new IllegalArgumentException("image.stores: type must be file or s3");
      };
    }

    private static <T> T required(String name, @Nullable T value) {
      if (value == null) {
        throw new IllegalArgumentException("image.stores: " + name + " is missing");
      }
      return value;
    }
  }

  /**
   * What users may import. Of an allowing and a disallowing list only the former holds.
   *
   * @param allowedAddresses ranges such as {@code 10.0.0.0/8} that may be reached though they are
   *     private or this machine's own
   */
  record Import(
      @Nullable List<String> methods,
      @Nullable List<String> allowedSchemes,
      @Nullable List<String> disallowedSchemes,
      @Nullable List<String> allowedHosts,
      @Nullable List<String> disallowedHosts,
      @Nullable List<Integer> allowedPorts,
      @Nullable List<Integer> disallowedPorts,
      @Nullable List<String> allowedAddresses) {

    ImageConfig.Imports config() {
      UriFilter standard = UriFilter.STANDARD;
      return new ImageConfig.Imports(
          Objects.requireNonNullElse(methods, ImageConfig.IMPORT_METHODS),
          new UriFilter(
              Objects.requireNonNullElse(allowedSchemes, standard.allowedSchemes()),
              Objects.requireNonNullElse(disallowedSchemes, standard.disallowedSchemes()),
              Objects.requireNonNullElse(allowedHosts, standard.allowedHosts()),
              Objects.requireNonNullElse(disallowedHosts, standard.disallowedHosts()),
              Objects.requireNonNullElse(allowedPorts, standard.allowedPorts()),
              Objects.requireNonNullElse(disallowedPorts, standard.disallowedPorts())),
          Objects.requireNonNullElse(allowedAddresses, List.of()),
          ImageConfig.Imports.LONGEST);
    }
  }

  static ImageSection standard() {
    return new ImageSection(0, null, null, null);
  }

  ImageConfig config(String node, Path images) {
    ImageConfig usual = ImageConfig.in(node, images);
    return new ImageConfig(
        node,
        images,
        maxImageBytes == 0 ? TEBIBYTE : maxImageBytes,
        stores == null
            ? usual.stores()
            : stores.stream().map(store -> store.config(images)).toList(),
        imports == null ? usual.imports() : imports.config(),
        Optional.ofNullable(trustedCertificates));
  }
}
