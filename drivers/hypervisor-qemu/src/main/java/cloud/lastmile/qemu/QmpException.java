package cloud.lastmile.qemu;

import java.io.IOException;

/** QEMU refused a command. */
final class QmpException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String errorClass;

  QmpException(String command, String errorClass, String description) {
    super(command + ": " + description);
    this.errorClass = errorClass;
  }

  /** Whether the device named in the command does not exist. */
  boolean deviceNotFound() {
    return errorClass.equals("DeviceNotFound");
  }
}
