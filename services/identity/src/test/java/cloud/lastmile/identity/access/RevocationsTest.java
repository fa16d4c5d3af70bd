package cloud.lastmile.identity.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RevocationsTest {

  /** Ten tokens a second revoked for six hours, each a matter for an hour. */
  @Test
  void whatNoLongerMattersIsForgotten() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T00:00:00Z"));
    Revocations revocations = new Revocations(now::get);
    for (int second = 0; second < 6 * 3_600; second++) {
      for (int i = 0; i < 10; i++) {
        revocations.add(second + "/" + i, now.get().plus(Duration.ofHours(1)));
      }
      now.updateAndGet(before -> before.plusSeconds(1));
      assertThat(revocations.size()).isLessThanOrEqualTo(10 * (3_600 + 61));
    }
  }
}
