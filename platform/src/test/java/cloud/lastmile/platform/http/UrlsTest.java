package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UrlsTest {
  @Test
  void aQueryKeepsOrderAndRepetitions() {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    parameters.put("sort_key", List.of("name", "id"));
    parameters.put("na me", List.of("a&b"));
    assertThat(Urls.query(parameters)).isEqualTo("?sort_key=name&sort_key=id&na+me=a%26b");
    assertThat(Urls.query(Map.of())).isEmpty();
  }

  @Test
  void quotedTextHasUnreservedCharactersOnly() {
    assertThat(Urls.quoted("aZ09-._~")).isEqualTo("aZ09-._~");
    assertThat(Urls.quoted("a b*c/ü+%")).isEqualTo("a%20b%2Ac%2F%C3%BC%2B%25");
  }
}
