package cloud.lastmile.identity.federation;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.core.Json;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The ordinary client logs in at an OpenID provider, in each of the ways that need no browser. */
final class OidcClientTest {
  @AutoClose private static final FederationFixture federation = new FederationFixture();

  /** All commands in one process, for its start takes longer than they. */
  private static final String CLIENT =
      """
      import contextlib, io, json, sys
      from openstackclient import shell
      for line in sys.stdin:
          printed = io.StringIO()
          with contextlib.redirect_stdout(printed):
              status = shell.main(json.loads(line))
          print(json.dumps([status, printed.getvalue()]), flush=True)
      """;

  @TempDir private Path directory;

  @Test
  void theClientLogsInThere() throws Exception {
    String projectId = federation.projectOf(federation.bosses);
    String bearer = federation.oidc.rs256(federation.oidc.claims("boss").build());
    List<JsonNode> tokens =
        issued(
            List.of(
                "--os-auth-type", "v3oidcaccesstoken",
                "--os-access-token", bearer,
                "--os-project-id", projectId),
            atProvider(
                "v3oidcpassword", Map.of("username", "pat", "password", TestingOidc.PASSWORD)),
            atProvider("v3oidcclientcredentials", Map.of()));

    assertThat(tokens.stream().map(OidcClientTest::userName))
        .containsExactly("boss", "pat", "service-" + TestingOidc.CLIENT);
    assertThat(tokens.getFirst().path("project_id").asString()).isEqualTo(projectId);
    assertThat(tokens.getLast().has("project_id")).isFalse();
  }

  /** What {@code openstack token issue} shows after each of these logins. */
  @SafeVarargs
  private List<JsonNode> issued(List<String>... logins) throws Exception {
    Path errors = directory.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder("/usr/bin/python3", "-c", CLIENT)
            .directory(directory.toFile())
            .redirectError(errors.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("OS_"));
    builder.environment().put("no_proxy", "127.0.0.1,localhost");
    Process client = builder.start();
    try (Writer commands =
        new OutputStreamWriter(client.getOutputStream(), StandardCharsets.UTF_8)) {
      for (List<String> login : logins) {
        commands.write(Json.strings(command(login)) + "\n");
      }
    }
    List<String> answers =
        new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(answers).as(() -> read(errors)).hasSize(logins.length);
    List<JsonNode> tokens = new ArrayList<>();
    for (String line : answers) {
      JsonNode answer = Json.parse(line.getBytes(StandardCharsets.UTF_8));
      assertThat(answer.path(0).asInt(1)).as(() -> read(errors)).isZero();
      tokens.add(Json.parse(answer.path(1).asString().getBytes(StandardCharsets.UTF_8)));
    }
    return tokens;
  }

  private static List<String> command(List<String> login) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--os-auth-url", federation.identity.url() + "/v3",
                "--os-identity-provider", "idp",
                "--os-protocol", "openid"));
    words.addAll(login);
    words.addAll(List.of("token", "issue", "-f", "json"));
    return words;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }

  private static List<String> atProvider(String type, Map<String, String> more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--os-auth-type",
                type,
                "--os-discovery-endpoint",
                federation.oidc.issuer() + "/.well-known/openid-configuration",
                "--os-client-id",
                TestingOidc.CLIENT,
                "--os-client-secret",
                TestingOidc.SECRET));
    more.forEach((name, value) -> words.addAll(List.of("--os-" + name, value)));
    return words;
  }

  private static String userName(JsonNode token) {
    return federation
        .validate(token.path("id").asString())
        .expect(200)
        .json()
        .at("/token/user/name")
        .asString();
  }
}
