package cloud.lastmile.agent.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.HostContract;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.HostFixture;
import cloud.lastmile.platform.core.Commands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatedHostTest extends HostContract {

  @Override
  protected HostFixture fixture(Path scratch) {
    return new SimulatedHostFixture(scratch);
  }

  @Test
  void failsAsOftenAsAsked() throws Exception {
    GuestSpec spec = spec();
    SimulatedHost simulated = (SimulatedHost) host;
    simulated.faults().failNextEnsure(new HostException("no luck", true));

    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> host.ensure(spec))
        .withMessage("no luck");
    assertThat(power(spec)).isEqualTo(Power.PARTIAL);
    reopen();
    assertThat(power(spec)).isEqualTo(Power.PARTIAL);
    host.ensure(spec);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
  }

  @Test
  void startsSlowlyWhenAsked() throws Exception {
    SimulatedHost simulated = (SimulatedHost) host;
    simulated.faults().bootDelay(Duration.ofMillis(50));
    long before = System.nanoTime();

    host.ensure(spec());

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(49));
  }

  @Test
  void writesSnapshotsThatQemuAccepts() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    Path target = scratch.resolve("snapshot.qcow2");

    host.snapshot(spec.id(), target);

    String report =
        Commands.run(
            List.of("qemu-img", "check", "-f", "qcow2", target.toString()), Duration.ofSeconds(60));
    assertThat(report).contains("No errors were found");
  }
}
