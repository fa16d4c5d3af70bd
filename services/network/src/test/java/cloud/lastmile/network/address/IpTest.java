package cloud.lastmile.network.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class IpTest {
  @Test
  void wholeAddressesAreReadAndWrittenTheSame() {
    for (String text :
        List.of("0.0.0.0", "255.255.255.255", "10.0.20.100", "192.0.2.1", "::", "2001:db8::1")) {
      assertThat(Ip.parse(text)).as(text).map(Ip::toString).contains(text);
    }
    assertThat(Ip.of("10.1.2.3").value()).isEqualTo(0x0a010203);
  }

  @Test
  void everythingElseIsRefused() {
    for (String text :
        List.of(
            "",
            ".",
            "1",
            "1.2.3",
            "1.2.3.",
            ".1.2.3",
            "1..2.3",
            "1.2.3.4.5",
            "256.1.1.1",
            "1.2.3.1000",
            "01.2.3.4",
            "1.2.3.00",
            "1.2.3.-4",
            "1.2.3.4/24",
            "1.2.3.*",
            "fe80::1%eth0",
            "99999999999.1.1.1")) {
      assertThat(Ip.parse(text)).as(text).isEmpty();
    }
  }
}
