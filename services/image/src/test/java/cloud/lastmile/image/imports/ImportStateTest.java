package cloud.lastmile.image.imports;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.platform.core.Json;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a durable job remembers of an import, in the database and across an upgrade. */
class ImportStateTest {
  private static final String STORED =
      """
      {"task": "00000000-0000-4000-8000-000000000001",
       "image": "00000000-0000-4000-8000-000000000002", "project": "project-a",
       "requestId": "req-1", "method": "glance-download", "stores": ["file", "second"],
       "mustFillAll": true, "uri": "",
       "remote": {"region": "RegionTwo", "endpoint": "https://second.example.net/image",
         "image": "00000000-0000-4000-8000-000000000003"},
       "staged": "here", "before": "{}", "size": 5, "checksum": "md5", "hash": "sha",
       "virtualSize": 7, "until": "2026-12-01T10:00:00Z"}\
      """;

  @Test
  void whatAnEarlierVersionStoredIsUnderstood() {
    ImportState state = Json.mapper().readValue(STORED, ImportState.class);
    assertThat(state.remote().region()).isEqualTo("RegionTwo");
    assertThat(state.bytes()).isEqualTo(new Bytes(5, "md5", "sha"));
    assertThat(Json.mapper().readTree(Json.mapper().writeValueAsString(state)))
        .isEqualTo(Json.mapper().readTree(STORED));
  }

  @Test
  void oneOfBeforeThereWereDeadlinesHasNone() {
    String before = STORED.replaceFirst(", \"until\": \"[^\"]*\"", "");
    assertThat(before).isNotEqualTo(STORED);
    assertThat(Json.mapper().readValue(before, ImportState.class).until()).isNull();
  }

  @Test
  void whatIsLearntLeavesTheRest() {
    ImportState state = Json.mapper().readValue(STORED, ImportState.class);
    ImportState after =
        state.withBefore("{\"a\": 1}").withBytes(new Bytes(6, "m", "s")).withVirtualSize(8);
    assertThat(after)
        .isEqualTo(
            new ImportState(
                UUID.fromString("00000000-0000-4000-8000-000000000001"),
                UUID.fromString("00000000-0000-4000-8000-000000000002"),
                "project-a",
                "req-1",
                "glance-download",
                List.of("file", "second"),
                true,
                "",
                state.remote(),
                "here",
                "{\"a\": 1}",
                6,
                "m",
                "s",
                8,
                Instant.parse("2026-12-01T10:00:00Z")));
    Instant later = Instant.parse("2026-12-01T11:00:00Z");
    assertThat(after.withUntil(later).until()).isEqualTo(later);
  }
}
