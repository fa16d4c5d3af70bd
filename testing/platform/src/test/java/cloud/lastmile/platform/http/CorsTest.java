package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.testing.RawHttp;
import cloud.lastmile.testing.RawHttp.Answer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scripts of configured pages may read answers; others are told nothing. */
class CorsTest {
  private static final String CONSOLE = "https://console.example.net";

  private static Answer ask(CorsConfig cors, String first, String... fields) throws IOException {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0).with(cors))) {
      return RawHttp.exchange(
              toy.uri(),
              first + " HTTP/1.1\r\nHost: h\r\n" + String.join("\r\n", fields) + "\r\n\r\n")
          .getFirst();
    }
  }

  private static CorsConfig console(boolean credentials) {
    return new CorsConfig(List.of(CONSOLE), credentials, List.of("X-Mine"), 600);
  }

  @Test
  void aPageIsToldInAdvanceWhatItMay() throws IOException {
    Answer answer =
        ask(
            console(true),
            "OPTIONS /toy/private",
            "Origin: " + CONSOLE,
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: content-type, x-auth-token");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("access-control-allow-origin")).isEqualTo(CONSOLE);
    assertThat(answer.header("access-control-allow-methods")).contains("PATCH");
    assertThat(answer.header("access-control-allow-headers")).contains("x-auth-token");
    assertThat(answer.header("access-control-allow-credentials")).isEqualTo("true");
    assertThat(answer.header("access-control-max-age")).isEqualTo("600");
    assertThat(answer.header("vary")).contains("Origin");
  }

  @Test
  void answersAndRefusalsCanBeRead() throws IOException {
    for (String first :
        List.of("GET /toy/", "GET /toy/none", "POST /toy/private", "GET /nowhere")) {
      Answer answer = ask(console(false), first, "Origin: " + CONSOLE);
      assertThat(answer.header("access-control-allow-origin")).as(first).isEqualTo(CONSOLE);
      assertThat(answer.header("access-control-expose-headers"))
          .contains("X-Subject-Token")
          .contains("X-Mine");
      assertThat(answer.header("access-control-allow-credentials")).isEmpty();
    }
  }

  @Test
  void otherPagesAreToldNothing() throws IOException {
    for (String first : List.of("GET /toy/", "OPTIONS /toy/")) {
      Answer answer =
          ask(
              console(true),
              first,
              "Origin: https://evil.example",
              "Access-Control-Request-Method: GET");
      assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("access-control"));
      assertThat(answer.header("vary")).contains("Origin");
    }
  }

  @Test
  void anyPageMayButNotAsItsVisitor() throws IOException {
    CorsConfig any = new CorsConfig(List.of("*"), false, List.of(), 600);
    assertThat(ask(any, "GET /toy/", "Origin: null").header("access-control-allow-origin"))
        .isEqualTo("*");
    assertThatThrownBy(() -> new CorsConfig(List.of("*"), true, List.of(), 600))
        .hasMessageContaining("allow_credentials");
    assertThatThrownBy(() -> new CorsConfig(List.of("console.example"), true, List.of(), 600))
        .hasMessageContaining("console.example");
  }
}
