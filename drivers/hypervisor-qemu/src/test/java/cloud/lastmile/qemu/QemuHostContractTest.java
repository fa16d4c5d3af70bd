package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostContract;
import cloud.lastmile.agent.HostFixture;
import java.nio.file.Path;

/** The contract of all hosts, with real guests. */
class QemuHostContractTest extends HostContract {

  @Override
  protected HostFixture fixture(Path scratch) throws Exception {
    return QemuHostFixture.make(scratch);
  }
}
