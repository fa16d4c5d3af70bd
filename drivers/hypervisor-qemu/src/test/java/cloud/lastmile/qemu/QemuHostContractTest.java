package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostContract;
import cloud.lastmile.agent.HostFixture;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract of all hosts, with real guests. */
class QemuHostContractTest extends HostContract {
  private static TestNamespace namespace;

  @BeforeAll
  static void makeNamespace() throws Exception {
    namespace = TestNamespace.make();
  }

  @AfterAll
  static void removeNamespace() throws Exception {
    namespace.close();
  }

  @Override
  protected HostFixture fixture(Path scratch) {
    return new QemuHostFixture(scratch, namespace.namespace());
  }
}
