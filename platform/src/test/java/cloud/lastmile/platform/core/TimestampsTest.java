package cloud.lastmile.platform.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimestampsTest {

  @Test
  void writesEveryPartWithAllItsDigits() {
    Instant time = Instant.parse("2026-01-02T03:04:05.000678Z");
    assertThat(Timestamps.seconds(time)).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(Timestamps.micros(time)).isEqualTo("2026-01-02T03:04:05.000678Z");
    assertThat(Timestamps.microsWithoutZone(time)).isEqualTo("2026-01-02T03:04:05.000678");
    assertThat(Timestamps.micros(Instant.EPOCH)).isEqualTo("1970-01-01T00:00:00.000000Z");
  }

  @Test
  void agreesWithTheLibrarysFormatter() {
    DateTimeFormatter formatter =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      Instant time =
          Instant.ofEpochSecond(random.nextLong(250_000_000_000L), random.nextInt(1_000_000_000));
      assertThat(Timestamps.micros(time)).isEqualTo(formatter.format(time));
    }
  }
}
