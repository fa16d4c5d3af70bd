package cloud.lastmile.identity.federation;

import static cloud.lastmile.identity.federation.FederationFixture.DASHBOARD;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.federation.oidc.FederationSettings;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Single sign-on as a dashboard's users go through it, and as others would like to. */
final class WebSsoTest {
  private static final String ONE =
      "/v3/auth/OS-FEDERATION/identity_providers/idp/protocols/openid/websso";
  private static final Pattern TOKEN =
      Pattern.compile("name=\"token\" id=\"token\" value=\"(.+?)\"");

  @AutoClose private static final FederationFixture federation = new FederationFixture();

  @AfterEach
  void restore() {
    federation.oidc.nonces(nonce -> nonce);
    federation.restore();
  }

  private static String from(String path, String origin) {
    return path + "?origin=" + URLEncoder.encode(origin, StandardCharsets.UTF_8);
  }

  /** A login that was sent to the provider and is about to come back. */
  private record Under(String cookie, String back) {
    Answer end() {
      return federation.identity.anonymous().at(base(back)).with("Cookie", cookie).get(rest(back));
    }
  }

  private static String base(String url) {
    URI uri = URI.create(url);
    return uri.getScheme() + "://" + uri.getAuthority();
  }

  private static String rest(String url) {
    return url.substring(base(url).length());
  }

  private static Under begin(String path) {
    return begin(federation.identity.anonymous(), path);
  }

  private static Under begin(TestingHttp browser, String path) {
    Answer sent = browser.get(from(path, DASHBOARD)).expect(302);
    String cookie = sent.header("Set-Cookie");
    assertThat(cookie).contains("HttpOnly").contains("SameSite=Lax").contains("Path=/identity/v3/");
    String location = sent.header("Location");
    Map<String, String> query = TestingOidc.query(location);
    assertThat(query)
        .containsEntry("response_type", "code")
        .containsEntry("code_challenge_method", "S256")
        .containsEntry("scope", "openid profile email")
        .containsKeys("state", "nonce", "code_challenge");
    Answer back = TestingHttp.at(URI.create(base(location))).get(rest(location)).expect(302);
    return new Under(cookie.substring(0, cookie.indexOf(';')), back.header("Location"));
  }

  @Test
  void aBrowserComesBackWithATokenForTheDashboard() {
    for (String path : List.of(ONE, "/v3/auth/OS-FEDERATION/websso/openid")) {
      Answer page = begin(path).end().expect(200);
      assertThat(page.header("Content-Type")).startsWith("text/html");
      assertThat(page.header("Cache-Control")).isEqualTo("no-store");
      assertThat(page.text()).contains("action=\"" + DASHBOARD + "\" method=\"post\"");
      Matcher token = TOKEN.matcher(page.text());
      assertThat(token.find()).isTrue();
      JsonNode shown = federation.validate(token.group(1)).expect(200).json().path("token");
      assertThat(shown.at("/user/name").asString()).isEqualTo("ann");
      assertThat(shown.at("/user/OS-FEDERATION/identity_provider/id").asString()).isEqualTo("idp");
    }
  }

  @Test
  void userInfoAddsWhatTheTokenDoesNotSay() {
    federation.settings(federation.settings(false, true));
    federation
        .admin()
        .patch(
            FederationFixture.MAPPING,
            """
            {"mapping": {"rules": [{"local": [{"user": {"name": "{0} of {1}"}}],
              "remote": [{"type": "OIDC-sub"}, {"type": "OIDC-department"}]}]}}\
            """)
        .expect(200);
    Matcher token = TOKEN.matcher(begin(ONE).end().expect(200).text());
    assertThat(token.find()).isTrue();
    assertThat(federation.validate(token.group(1)).json().at("/token/user/name").asString())
        .isEqualTo("ann of physics");
  }

  @Test
  void onlyTrustedDashboardsGetATokenAndOnlyThisBrowserEndsTheLogin() {
    federation.identity.anonymous().get(ONE).expect(400);
    for (String origin :
        List.of(
            "https://evil.example.org/",
            DASHBOARD + "x",
            DASHBOARD.replace("https", "http"),
            "https://dashboard.example.org.evil.org/auth/websso/")) {
      assertThat(federation.identity.anonymous().get(from(ONE, origin)).expect(401).text())
          .contains("is not a trusted dashboard host");
    }
    federation.identity.anonymous().get(from(ONE.replace("/idp", "/x"), DASHBOARD)).expect(404);

    Under mine = begin(ONE);
    Under other = begin(ONE);
    new Under("a=b", mine.back()).end().expect(401);
    new Under(other.cookie(), mine.back()).end().expect(401);
    new Under(mine.cookie().substring(0, mine.cookie().length() - 3) + "AAA", mine.back())
        .end()
        .expect(401);
    new Under(mine.cookie(), mine.back().replaceAll("state=.*", "state=")).end().expect(401);
    new Under(mine.cookie(), mine.back().replaceAll("code=[^&]*", "code=guess")).end().expect(401);
    new Under(mine.cookie(), mine.back().replaceAll("code=[^&]*&", "")).end().expect(401);
    // A code that the provider made for another login, with another challenge.
    String foreign = TestingOidc.query(other.back()).get("code");
    new Under(mine.cookie(), mine.back().replaceAll("code=[^&]*", "code=" + foreign))
        .end()
        .expect(401);
    mine.end().expect(200);
  }

  @Test
  void aLoginEndsOnceAndInTime() {
    Under once = begin(ONE);
    once.end().expect(200);
    once.end().expect(401);

    Under late = begin(ONE);
    federation.pass(Duration.ofMinutes(11));
    late.end().expect(401);

    Under distrusted = begin(ONE);
    federation.settings(
        new FederationSettings(null, Map.of("idp", federation.settings(false, false))));
    distrusted.end().expect(401);
  }

  @Test
  void anotherNonceIsAnotherLogins() {
    federation.oidc.nonces(nonce -> nonce + "x");
    begin(ONE).end().expect(401);
    federation.oidc.nonces(_ -> "");
    begin(ONE).end().expect(401);
  }

  /** What a browser keeps: it sends back every cookie that it was not told to forget. */
  private static final class Jar {
    private final Map<String, String> cookies = new LinkedHashMap<>();

    Answer take(Answer answer) {
      for (String header : answer.headers().allValues("Set-Cookie")) {
        String pair = header.substring(0, header.indexOf(';'));
        String name = pair.substring(0, pair.indexOf('='));
        cookies.remove(name);
        if (!header.contains("Max-Age=0")) {
          cookies.put(name, pair);
        }
      }
      return answer;
    }

    TestingHttp browser() {
      TestingHttp http = federation.identity.anonymous();
      return cookies.isEmpty() ? http : http.with("Cookie", String.join("; ", cookies.values()));
    }

    /** Where the provider sends the browser back to. */
    String begin(String path) {
      Answer sent = take(browser().get(from(path, DASHBOARD)).expect(302));
      String location = sent.header("Location");
      return TestingHttp.at(URI.create(base(location)))
          .get(rest(location))
          .expect(302)
          .header("Location");
    }

    Answer end(String back) {
      return take(browser().at(base(back)).get(rest(back)));
    }
  }

  @Test
  void everyWindowOfABrowserEndsItsOwnLogin() {
    Jar jar = new Jar();
    String first = jar.begin(ONE);
    String second = jar.begin("/v3/auth/OS-FEDERATION/websso/openid");
    String third = jar.begin(ONE);
    assertThat(jar.cookies).hasSize(3);
    jar.end(second).expect(200);
    jar.end(first).expect(200);
    jar.end(second).expect(401);
    jar.end(third).expect(200);
    assertThat(jar.cookies).isEmpty();
  }

  @Test
  void aBrowserKeepsFewLoginsAndTheNewestOnes() {
    Jar jar = new Jar();
    String first = jar.begin(ONE);
    String last = "";
    for (int i = 0; i < 12; i++) {
      last = jar.begin(ONE);
      federation.pass(Duration.ofSeconds(1));
      assertThat(jar.cookies.size()).isLessThanOrEqualTo(5);
    }
    assertThat(String.join("; ", jar.cookies.values()).length()).isLessThan(6_000);
    jar.end(first).expect(401);
    jar.end(last).expect(200);
    // What has expired goes with the next login.
    jar.begin(ONE);
    federation.pass(Duration.ofMinutes(11));
    jar.begin(ONE);
    assertThat(jar.cookies).hasSize(1);
  }

  @Test
  void theLogTellsWhyALoginIsRefused() {
    try (Told told = new Told()) {
      federation.identity.anonymous().get(from(ONE, "https://evil.example.org/")).expect(401);
      assertThat(told.lines()).anyMatch(line -> line.contains("evil.example.org"));

      Under lost = begin(ONE);
      new Under("a=b", lost.back()).end().expect(401);
      assertThat(told.lines()).anyMatch(line -> line.contains("keeps no cookies"));

      Under denied = begin(ONE);
      String back =
          denied
              .back()
              .replaceAll(
                  "code=[^&]*",
                  "error=access_denied&error_description=not%20today%0Aforged%20line");
      new Under(denied.cookie(), back).end().expect(401);
      assertThat(told.lines())
          .anyMatch(line -> line.contains("access_denied: not today?forged line"));

      Under once = begin(ONE);
      once.end().expect(200);
      new Under(once.cookie(), once.back()).end().expect(401);
      federation
          .identity
          .anonymous()
          .get(from("/v3/auth/OS-FEDERATION/websso/none", DASHBOARD))
          .expect(401);
      assertThat(told.lines()).anyMatch(line -> line.contains("the protocol none"));
      assertThat(told.lines()).noneMatch(line -> line.contains(secret(once)));
    }
  }

  private static String secret(Under login) {
    return login.cookie().substring(login.cookie().indexOf('=') + 1);
  }
}
