package cloud.lastmile.identity.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RevocationFilterTest {
  private static final int HELD = 100_000;

  /**
   * It forgets none, and takes next to no other for one of them, in the same memory as for none.
   */
  @Test
  void holdsAHundredThousandAndHardlyAnyOther() {
    RevocationFilter filter = new RevocationFilter();
    assertThat(filter.isEmpty()).isTrue();
    auditIds(1).limit(HELD).forEach(filter::add);
    assertThat(filter.isEmpty()).isFalse();
    assertThat(auditIds(1).limit(HELD)).allMatch(filter::mayHold);
    assertThat(auditIds(2).limit(HELD).filter(filter::mayHold).count()).isLessThan(HELD / 10_000);
  }

  private static Stream<String> auditIds(int seed) {
    Random random = new Random(seed);
    return Stream.generate(() -> {
      byte[] bytes = new byte[16];
      random.nextBytes(bytes);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    });
  }
}
