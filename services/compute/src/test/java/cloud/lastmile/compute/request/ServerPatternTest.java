package cloud.lastmile.compute.request;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Patterns in the filters of the server list: what PostgreSQL knows, and in bounded time. */
final class ServerPatternTest {
  private static final String SERVERS = "/compute/v2.1/servers?";

  @AutoClose private static final TestingCompute compute = new TestingCompute("one");

  private static String pattern(String name, String pattern) {
    return SERVERS + name + "=" + URLEncoder.encode(pattern, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "^(a*)(a*)(a*)(a*)(a*)(a*)b\\1\\2\\3\\4\\5\\6$",
        "(a)\\1",
        "[\\1]",
        "a*+",
        "\\p{L}",
        "a**",
        "*",
        "(",
        ")",
        "[a",
        "a{2,1}",
        "a{256}",
        "((a{100}){100}){100}",
        "(((((a{9}){9}){9}){9}){9}){9}",
        "a{100}{100}",
        "***=a",
        "(?b)\\(a\\)\\1",
        "(?iq)a",
        "\\",
        "[[:none:]]",
        "[b-a]"
      })
  void whatDatabaseDoesNotKnowIsRefused(String pattern) {
    for (String name : List.of("name", "ip", "ip6", "reservation_id", "hostname", "created_at")) {
      assertThat(compute.admin().get(pattern(name, pattern)).expect(400).text())
          .contains("Invalid input for query parameters " + name)
          .contains("is not a 'regex'");
      compute.member().get(pattern(name, pattern).replace("servers", "servers/detail")).expect(400);
    }
  }

  /** Before anybody asks what it is for. */
  @Test
  void noPatternHoldsNul() {
    compute.admin().get(pattern("name", "a\0")).expect(400);
    compute.member().get(pattern("name", "a\0").replace("servers", "servers/detail")).expect(400);
  }

  @Test
  void whatIsLongIsRefused() {
    compute.member().get(pattern("name", "a".repeat(1001))).expect(400);
    compute
        .member()
        .get(pattern("name", "(?:a|b)[0-9a-f]{8}-(?!x)[^]y]{4}\\\\1\\d{1,3}"))
        .expect(200);
  }

  @Test
  void whatIsKnownIsMatched() {
    compute.active("web-1");
    compute.active("db-1");
    assertThat(names("^web")).containsExactly("web-1");
    assertThat(names("-\\d$")).containsExactlyInAnyOrder("web-1", "db-1");
    assertThat(names("(?i)WEB")).containsExactly("web-1");
    assertThat(names("[[:alpha:]]b-")).containsExactlyInAnyOrder("web-1", "db-1");
    compute.deleteAll();
  }

  private static List<String> names(String pattern) {
    JsonNode found = compute.member().get(pattern("name", pattern)).expect(200).json();
    List<String> names = new ArrayList<>();
    found.path("servers").forEach(server -> names.add(server.path("name").asString()));
    return names;
  }

  @Test
  void slowFilterEndsAndLeavesTheOthersTheirShare() {
    long rows = 3_000;
    compute.active("model");
    String slow = "(?=(?=.*(?=.*(?=.*x))).*).*(?!.*(?!.*(?!.*z).*).*).*$";
    compute
        .database
        .database()
        .change(handle -> {
          String columns =
              "user_id, hostname, description, image_id, image_format, image_properties, flavor,"
                  + " flavor_id, vcpus, ram_mib, disk_gib, vm_state, task_state, reservation_id,"
                  + " launch_index, config_drive, metadata, tags, access_ip_v4, access_ip_v6,"
                  + " disk_config, networks, created_at";
          handle.execute(
              "INSERT INTO compute.server (id, project_id, name, "
                  + columns
                  + ") SELECT gen_random_uuid(), 'p1', repeat('xy', 120) || n, "
                  + columns
                  + " FROM compute.server, generate_series(1, "
                  + rows
                  + ") n WHERE name = 'model'");
        });
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger ended = new AtomicInteger();
    Queue<Integer> odd = new ConcurrentLinkedQueue<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int client = 0; client < 12; client++) {
        clients.execute(() -> {
          TestingHttp member = compute.member();
          while (!over.get()) {
            int status = member.get(pattern("name", slow)).status();
            ended.incrementAndGet();
            if (!Set.of(200, 400, 503).contains(status)) {
              odd.add(status);
            }
          }
        });
      }
      try {
        Await.until("the slow ones are at work", () -> ended.get() > 0);
        TestingHttp other = compute.stranger();
        for (int asked = 0; asked < 50; asked++) {
          other.get(SERVERS).expect(200);
        }
      } finally {
        over.set(true);
      }
    }
    assertThat(odd).isEmpty();
    compute.member().get(SERVERS).expect(200);
  }
}
