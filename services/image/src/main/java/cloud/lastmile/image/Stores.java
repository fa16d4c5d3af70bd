package cloud.lastmile.image;

import cloud.lastmile.image.store.FileStore;
import cloud.lastmile.image.store.StoreSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Opens the stores that are configured. */
final class Stores {
  private Stores() {}

  static StoreSet open(List<ImageConfig.Store> configured) throws IOException {
    List<StoreSet.Named> opened = new ArrayList<>();
    for (ImageConfig.Store store : configured) {
      opened.add(
          switch (store) {
            case ImageConfig.Files files ->
                new StoreSet.Named(
                    files.name(), "file", files.description(), FileStore.open(files.directory()));
            case ImageConfig.S3 s3 -> throw new IllegalArgumentException("s3 " + s3.name());
          });
    }
    return new StoreSet(opened);
  }
}
