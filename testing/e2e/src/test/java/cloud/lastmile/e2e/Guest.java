package cloud.lastmile.e2e;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A server that really boots, with what is needed to log in to it. */
record Guest(TestedCloud cloud, UUID id, Path key, String address) {
  /** Some seconds on an idle machine. */
  static final Duration BOOT = Duration.ofMinutes(10);

  /** QEMU's process. */
  long qemu() throws IOException {
    Path file = cloud.data().resolve("guests/guests/" + id + "/run/pid");
    return Long.parseLong(Files.readString(file).strip());
  }

  String status() {
    return status(cloud, id);
  }

  static String status(TestedCloud cloud, UUID id) {
    String path = Tenant.COMPUTE + "/servers/" + id;
    return cloud.api().get(path).expect(200).json().at("/server/status").asString();
  }

  void act(String action) {
    cloud.api().post(Tenant.COMPUTE + "/servers/" + id + "/action", action).expect(202);
  }

  /** Runs a command in the guest; its output. */
  String ssh(String command) throws Exception {
    List<String> words = new ArrayList<>(List.of("ssh", "-i", key.toString()));
    for (String option :
        List.of(
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
            "BatchMode=yes",
            "ConnectTimeout=10")) {
      words.addAll(List.of("-o", option));
    }
    words.addAll(List.of("cirros@" + address, command));
    return cloud.inside(words.toArray(String[]::new)).strip();
  }

  void awaitLogin() {
    Await.value("a login", BOOT, () -> ssh("echo hello"), "hello"::equals);
  }

  /** One echo request that is answered. */
  boolean answersPing() throws Exception {
    return cloud.inside("ping", "-c", "1", "-W", "2", address).contains(" 1 received");
  }

  /** What becomes of a connection to a port: {@code open}, {@code refused} or {@code dropped}. */
  String connect(int port) throws Exception {
    String attempt = "</dev/tcp/" + address + "/" + port;
    String script =
        """
        timeout 5 bash -c '%s' 2>/dev/null
        case $? in 0) echo open ;; 124) echo dropped ;; *) echo refused ;; esac
        """
            .formatted(attempt);
    return cloud.inside("bash", "-c", script).strip();
  }

  /** Until the server has booted as far as its login prompt. */
  static void awaitBoot(TestedCloud cloud, UUID id) {
    Await.value("ACTIVE", BOOT, () -> status(cloud, id), status -> !status.equals("BUILD"));
    Await.value(
        "the login prompt", BOOT, () -> console(cloud, id), text -> text.contains("login:"));
  }

  /**
   * What the server has said on its first serial port; nothing while it has no guest or no host.
   */
  static String console(TestedCloud cloud, UUID id) {
    TestingHttp.Answer answer =
        cloud
            .api()
            .post(Tenant.COMPUTE + "/servers/" + id + "/action", "{\"os-getConsoleOutput\": {}}");
    boolean isEarly = List.of(404, 409).contains(answer.status());
    return isEarly ? "" : answer.expect(200).json().at("/output").asString();
  }
}
