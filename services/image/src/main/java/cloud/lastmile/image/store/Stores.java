package cloud.lastmile.image.store;

import cloud.lastmile.image.api.ImageConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Opens the stores that are configured. */
public final class Stores {
  private Stores() {}

  public static StoreSet open(List<ImageConfig.Store> configured) throws IOException {
    List<StoreSet.Named> opened = new ArrayList<>();
    for (ImageConfig.Store store : configured) {
      opened.add(
          switch (store) {
            case ImageConfig.Files files ->
                new StoreSet.Named(
                    files.name(), "file", files.description(), FileStore.open(files.directory()));
            case ImageConfig.S3 s3 ->
                new StoreSet.Named(s3.name(), "s3", s3.description(), open(s3));
          });
    }
    return new StoreSet(opened);
  }

  private static DataStore open(ImageConfig.S3 s3) throws IOException {
    List<String> lines = Files.readAllLines(s3.credentials());
    if (lines.size() < 2) {
      throw new IllegalArgumentException(
          "image.stores: " + s3.credentials() + " must have the access key and the secret");
    }
    S3Signer signer = new S3Signer(lines.getFirst().strip(), lines.get(1).strip(), s3.region());
    return S3Store.open(s3.endpoint(), s3.bucket(), signer, s3.scratch(), InstantSource.system());
  }
}
