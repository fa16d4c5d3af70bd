package cloud.lastmile.image.store;

import cloud.lastmile.platform.core.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Images as objects of a bucket. Bytes that come in lie in a local scratch directory until they are
 * checked; then they are sent in parts, and the object appears whole or not at all.
 */
public final class S3Store implements DataStore {
  private static final Logger LOG = LoggerFactory.getLogger(S3Store.class);

  /** What is larger is sent in parts, none smaller than this except the last. */
  public static final long SMALLEST_PART = 16L << 20;

  private static final long MAX_PARTS = 9_000;
  private static final int READ = 256 * 1024;

  private final UUID id;
  private final S3Client client;
  private final Path scratch;

  private S3Store(UUID id, S3Client client, Path scratch) {
    this.id = id;
    this.client = client;
    this.scratch = scratch;
  }

  /**
   * Does not ask the server yet: it may be away.
   *
   * @param scratch a directory of this store's own
   */
  public static S3Store open(
      URI endpoint, String bucket, S3Signer signer, Path scratch, InstantSource clock)
      throws IOException {
    return open(endpoint, bucket, signer, scratch, clock, S3Client.Limits.STANDARD);
  }

  static S3Store open(
      URI endpoint,
      String bucket,
      S3Signer signer,
      Path scratch,
      InstantSource clock,
      S3Client.Limits limits)
      throws IOException {
    Files.createDirectories(scratch);
    UUID id = UUID.nameUUIDFromBytes((endpoint + "/" + bucket).getBytes(StandardCharsets.UTF_8));
    return new S3Store(id, new S3Client(endpoint, bucket, signer, clock, limits), scratch);
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public Incoming begin(String location) throws IOException {
    Path path = scratchFile(location);
    FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new Sending(location, path, Optional.of(channel), _ -> {});
  }

  @Override
  public Incoming begin(String location, Path file, LongConsumer progress) {
    return new Sending(location, file, Optional.empty(), progress);
  }

  private Path scratchFile(String location) {
    Path path = scratch.resolve(location);
    if (!scratch.equals(path.getParent())) {
      throw new IllegalArgumentException("no name in a store: " + location);
    }
    return path;
  }

  private final class Sending implements Incoming {
    private final String location;
    private final Path path;
    private final Optional<FileChannel> scratchChannel;
    private final LongConsumer progress;

    private Sending(
        String location, Path path, Optional<FileChannel> scratchChannel, LongConsumer progress) {
      this.location = location;
      this.path = path;
      this.scratchChannel = scratchChannel;
      this.progress = progress;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      while (buffer.hasRemaining()) {
        scratchChannel.orElseThrow().write(buffer);
      }
    }

    @Override
    public Path path() {
      return path;
    }

    @Override
    public void keep() throws IOException {
      long size = Files.size(path);
      boolean isDoubtful =
          size <= SMALLEST_PART
              ? sendPart(location, Map.of(), new S3Part(path, 0, size)).isDoubtful()
              : sendParts(location, path, size, progress);
      demandWhole(location, size);
      if (isDoubtful) {
        demandSame(location, path);
      }
    }

    @Override
    public void close() {
      try {
        if (scratchChannel.isPresent()) {
          scratchChannel.get().close();
          Files.deleteIfExists(path);
        }
      } catch (IOException left) {
        LOG.warn("{} could not be removed; the sweep does", path, left);
      }
    }
  }

  /**
   * That what is there now is as long as what was sent: the row of a lie is worse than an error.
   */
  private void demandWhole(String location, long size) throws IOException {
    HttpResponse<InputStream> answer =
        client.expect(client.send("HEAD", location, Map.of(), S3Client.nothing()), 200);
    answer.body().close();
    long kept = answer.headers().firstValueAsLong("Content-Length").orElse(-1);
    if (kept != size) {
      delete(location);
      throw new StoreUnavailableException(
          "S3 has %d bytes of %s, which has %d".formatted(kept, location, size), null);
    }
  }

  /**
   * That what is there now is what was sent. Only asked when the server's word for it is another
   * MD5, for all is read once more.
   */
  private void demandSame(String location, Path file) throws IOException {
    LOG.warn("S3 gives {} a tag that is not its MD5; reading it again", location);
    byte[] sent = new byte[READ];
    byte[] kept = new byte[READ];
    try (InputStream local = Files.newInputStream(file);
        InputStream remote = open(location, 0)) {
      int count;
      do {
        count = local.readNBytes(sent, 0, READ);
        int got = remote.readNBytes(kept, 0, READ);
        if (!Arrays.equals(sent, 0, count, kept, 0, got)) {
          throw new StoreUnavailableException("S3 has other bytes than those of " + location, null);
        }
      } while (count == READ);
    } catch (IOException | RuntimeException other) {
      delete(location);
      throw other;
    }
  }

  /** What S3 calls a part, and whether it seems to be another than was sent. */
  private record Sent(String tag, boolean isDoubtful) {}

  private Sent sendPart(String location, Map<String, String> query, S3Part part)
      throws IOException {
    HttpResponse<InputStream> answer = client.send("PUT", location, query, part.body());
    client.done(answer, 200);
    return new Sent(answer.headers().firstValue("ETag").orElse(""), part.isContradicted(answer));
  }

  /** Whether any of them seems to be another than was sent. */
  private boolean sendParts(String location, Path file, long size, LongConsumer progress)
      throws IOException {
    // A job that was cut off may have left parts under this name, which no sweep takes for left.
    abortUploads(location);
    Document begun =
        client.xml(client.send("POST", location, Map.of("uploads", ""), S3Client.nothing()));
    String upload = S3Client.text(begun, "UploadId");
    try {
      List<Sent> parts = new ArrayList<>();
      long partSize = Math.max(SMALLEST_PART, (size + MAX_PARTS - 1) / MAX_PARTS);
      for (long offset = 0; offset < size; offset += partSize) {
        Map<String, String> query =
            Map.of("partNumber", String.valueOf(parts.size() + 1), "uploadId", upload);
        long length = Math.min(partSize, size - offset);
        parts.add(sendPart(location, query, new S3Part(file, offset, length)));
        progress.accept(offset + length);
      }
      complete(location, upload, parts);
      return parts.stream().anyMatch(Sent::isDoubtful);
    } catch (IOException | RuntimeException failed) {
      abort(location, upload);
      throw failed;
    }
  }

  private void complete(String location, String upload, List<Sent> sent) throws IOException {
    StringBuilder parts = new StringBuilder("<CompleteMultipartUpload>");
    for (int i = 0; i < sent.size(); i++) {
      parts
          .append("<Part><PartNumber>")
          .append(i + 1)
          .append("</PartNumber><ETag>")
          .append(sent.get(i).tag().replace("&", "&amp;").replace("<", "&lt;"))
          .append("</ETag></Part>");
    }
    String body = parts.append("</CompleteMultipartUpload>").toString();
    Document answer =
        client.xml(
            client.send(
                "POST",
                location,
                Map.of("uploadId", upload),
                Map.of(),
                BodyPublishers.ofString(body),
                Digests.sha256Hex(body)));
    // The status is sent before the work is done: a failure is told in the body.
    if (!answer.getDocumentElement().getTagName().equals("CompleteMultipartUploadResult")) {
      throw new StoreUnavailableException(
          "S3 could not put the parts together: " + S3Client.text(answer, "Code"), null);
    }
  }

  private void abort(String location, String upload) {
    try {
      client.done(
          client.send("DELETE", location, Map.of("uploadId", upload), S3Client.nothing()),
          204,
          404);
    } catch (IOException left) {
      LOG.warn("The parts of {} are left; the sweep removes them", location, left);
    }
  }

  @Override
  public boolean has(String location) throws IOException {
    HttpResponse<InputStream> answer = client.send("HEAD", location, Map.of(), S3Client.nothing());
    client.done(answer, 200, 404);
    return answer.statusCode() == 200;
  }

  @Override
  public InputStream open(String location, long offset) throws IOException {
    Map<String, String> range = offset == 0 ? Map.of() : Map.of("Range", "bytes=" + offset + "-");
    return client.body(
        client.send("GET", location, Map.of(), range, S3Client.nothing(), S3Signer.UNSIGNED),
        offset == 0 ? 200 : 206);
  }

  @Override
  public URI url(String location) {
    return client.url(location);
  }

  @Override
  public Optional<Path> file(String location) {
    return Optional.empty();
  }

  @Override
  public void delete(String location) throws IOException {
    Files.deleteIfExists(scratchFile(location));
    client.done(client.send("DELETE", location, Map.of(), S3Client.nothing()), 204, 200, 404);
    abortUploads(location);
  }

  private void abortUploads(String location) throws IOException {
    for (Map.Entry<String, String> upload : uploads(location).entrySet()) {
      if (upload.getValue().equals(location)) {
        abort(location, upload.getKey());
      }
    }
  }

  /** Names by the ID of their unfinished upload. */
  private Map<String, String> uploads(String prefix) throws IOException {
    Map<String, String> uploads = new HashMap<>();
    Map<String, String> next = Map.of();
    do {
      Map<String, String> query = new HashMap<>(Map.of("uploads", "", "prefix", prefix));
      query.putAll(next);
      Document page = client.xml(client.send("GET", "", query, S3Client.nothing()));
      for (Element upload : S3Client.elements(page, "Upload")) {
        uploads.put(S3Client.text(upload, "UploadId"), S3Client.text(upload, "Key"));
      }
      String key = S3Client.text(page, "NextKeyMarker");
      next =
          key.isEmpty()
              ? Map.of()
              : Map.of(
                  "key-marker", key, "upload-id-marker", S3Client.text(page, "NextUploadIdMarker"));
    } while (!next.isEmpty());
    return uploads;
  }

  @Override
  public OptionalLong freeBytes() {
    return OptionalLong.empty();
  }

  @Override
  public Collection<String> names() throws IOException {
    Set<String> names = new TreeSet<>(uploads("").values());
    try (Stream<Path> files = Files.list(scratch)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    String continuation = "";
    do {
      Map<String, String> query = new HashMap<>(Map.of("list-type", "2"));
      if (!continuation.isEmpty()) {
        query.put("continuation-token", continuation);
      }
      Document page = client.xml(client.send("GET", "", query, S3Client.nothing()));
      S3Client.elements(page, "Contents")
          .forEach(object -> names.add(S3Client.text(object, "Key")));
      continuation = S3Client.text(page, "NextContinuationToken");
    } while (!continuation.isEmpty());
    return names;
  }
}
