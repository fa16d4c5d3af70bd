package cloud.lastmile.image.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The store cannot be reached, or answers what makes no sense; later it may again. */
public final class StoreUnavailableException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
