package cloud.lastmile.ovn.ovsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OvsdbRemoteTest {

  @Test
  void readsWhatOvsToolsWrite() {
    assertThat(OvsdbRemote.parse("unix:/run/ovn/nb.sock"))
        .containsExactly(new OvsdbRemote.Unix(Path.of("/run/ovn/nb.sock")));
    assertThat(OvsdbRemote.parse("tcp:192.0.2.1:6641,tcp:[2001:db8::1]:6641"))
        .containsExactly(
            new OvsdbRemote.Tcp("192.0.2.1", 6641), new OvsdbRemote.Tcp("2001:db8::1", 6641))
        .hasToString("[tcp:192.0.2.1:6641, tcp:[2001:db8::1]:6641]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "unix:", "ssl:host:1", "tcp:host", "tcp:host:0", "tcp:h:99999", "x"})
  void refusesOthers(String text) {
    assertThatThrownBy(() -> OvsdbRemote.parse(text)).hasMessageContaining("not an OVSDB remote");
  }
}
