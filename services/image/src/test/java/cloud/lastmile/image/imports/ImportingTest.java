package cloud.lastmile.image.imports;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.record.ImageRecord.Importing;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What an image tells of the stores that imports fill. */
class ImportingTest {

  @Test
  void aStoreThatFailedIsToldUntilItIsTriedAgain() {
    Importing first =
        Importing.NEVER
            .begun(UUID.randomUUID(), List.of("a", "b", "c"))
            .without("a")
            .without("b")
            .failing(List.of("b"))
            .without("c")
            .failing(List.of("c"))
            .ended();
    assertThat(first)
        .isEqualTo(
            new Importing(
                Optional.empty(), Optional.of(List.of()), Optional.of(List.of("b", "c"))));
    UUID task = UUID.randomUUID();
    assertThat(first.begun(task, List.of("b")))
        .isEqualTo(
            new Importing(Optional.of(task), Optional.of(List.of("b")), Optional.of(List.of("c"))));
  }
}
