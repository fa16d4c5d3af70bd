package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostFixture;
import cloud.lastmile.agent.HostTesting;
import java.nio.file.Path;

/** A QEMU host to test; holds no test itself. */
abstract class QemuHostTesting extends HostTesting {
  QemuHostFixture qemu;

  @Override
  protected final HostFixture fixture(Path directory) throws Exception {
    qemu = QemuHostFixture.make(directory);
    return qemu;
  }
}
