package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MicroversionTest {

  @Test
  void readsWhatItWrites() {
    assertThat(Microversion.parse("2.93")).contains(new Microversion(2, 93));
    assertThat(Microversion.of("1.0")).hasToString("1.0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2",
        ".",
        "2.",
        ".1",
        "0.1",
        "02.1",
        "2.01",
        "2.1.0",
        "-2.1",
        "2.-1",
        "2. 1",
        "12345.1",
        "2.123456",
        "latest",
        "٢.١"
      })
  void refusesWhatIsNoVersion(String text) {
    assertThat(Microversion.parse(text)).isEmpty();
  }
}
