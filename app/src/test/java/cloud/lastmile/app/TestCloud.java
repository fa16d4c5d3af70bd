package cloud.lastmile.app;

import cloud.lastmile.platform.config.ConfigFile;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.testing.TestingHttp;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * One whole cloud for all tests of this module: real PostgreSQL, real OVN in a namespace of its
 * own, a simulated host. Ends with the JVM.
 */
final class TestCloud {
  private static final TestCloud SHARED = new TestCloud();

  private final DataDirectory data;
  private final Cloud cloud;
  private final AtomicInteger numbers = new AtomicInteger();

  private TestCloud() {
    try {
      // Short, for Unix sockets' paths are.
      Path directory = Files.createTempDirectory(Path.of("/tmp"), "lmt");
      data = DataDirectory.at(directory);
      data.create();
      Files.writeString(
          data.configFile(),
          """
          hypervisor:
            driver: simulated
          http:
            trusted_proxies: [127.0.0.1]
          """);
      cloud =
          Cloud.start(
              ConfigFile.load(data.configFile(), CloudConfig.class)
                  .overriddenBy(null, null, true, null),
              data,
              () -> {});
    } catch (Exception failure) {
      throw new IllegalStateException("the cloud under test did not start", failure);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::end));
  }

  static TestCloud shared() {
    return SHARED;
  }

  private void end() {
    cloud.close();
    try {
      Engines.stopAll(data);
      try (Stream<Path> files = Files.walk(data.root())) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    } catch (Exception failure) {
      throw new IllegalStateException("left behind: " + data.root(), failure);
    }
  }

  List<ServiceApi> apis() {
    return cloud.apis();
  }

  /** For names that no other test in this cloud has used. */
  AtomicInteger numbers() {
    return numbers;
  }

  MeterRegistry metrics() {
    return cloud.metrics();
  }

  String url() {
    return cloud.url();
  }

  TestingHttp anonymous() {
    return TestingHttp.at(URI.create(cloud.url()));
  }

  /** A client of the administrator, who logged in with the password. */
  TestingHttp admin() throws IOException {
    return anonymous().with("X-Auth-Token", adminToken());
  }

  String adminToken() throws IOException {
    return token("admin", data.adminPassword(), "admin");
  }

  /** Logs in with a password to a project of the default domain. */
  String token(String user, String password, String project) {
    String body =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user":
          {"name": "%s", "password": "%s", "domain": {"id": "default"}}}},
         "scope": {"project": {"name": "%s", "domain": {"id": "default"}}}}}\
        """
            .formatted(user, password, project);
    return anonymous().post("/identity/v3/auth/tokens", body).expect(201).header("X-Subject-Token");
  }

  /** Logs in with a password, by ids. */
  String tokenById(String user, String password, String project) {
    String body =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user":
          {"id": "%s", "password": "%s"}}}, "scope": {"project": {"id": "%s"}}}}\
        """
            .formatted(user, password, project);
    return anonymous().post("/identity/v3/auth/tokens", body).expect(201).header("X-Subject-Token");
  }
}
