package cloud.lastmile.identity.federation.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class FetchedTest {
  private Instant now = Instant.parse("2030-01-01T00:00:00Z");
  private int fetches;
  private boolean broken;
  private final Fetched<Integer> fetched = new Fetched<>(this::fetch, () -> now);

  private Integer fetch() throws OidcFailure {
    fetches++;
    if (broken) {
      throw OidcFailure.unreachable("broken");
    }
    return fetches;
  }

  @Test
  void itIsKeptForAWhile() throws OidcFailure {
    assertThat(fetched.get()).isEqualTo(1);
    now = now.plus(Duration.ofMinutes(14));
    assertThat(fetched.get()).isEqualTo(1);
    now = now.plus(Duration.ofMinutes(2));
    assertThat(fetched.get()).isEqualTo(2);
  }

  @Test
  void nobodyMakesUsAskOften() throws OidcFailure {
    fetched.get();
    for (int i = 0; i < 100; i++) {
      assertThat(fetched.fresh()).isEqualTo(1);
    }
    now = now.plusSeconds(31);
    for (int i = 0; i < 100; i++) {
      assertThat(fetched.fresh()).isEqualTo(2);
    }
    assertThat(fetches).isEqualTo(2);
  }

  @Test
  void aFailureIsNotRepeatedAtOnce() throws OidcFailure {
    broken = true;
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(fetched::get).isInstanceOf(OidcFailure.class);
    }
    assertThat(fetches).isEqualTo(1);
    broken = false;
    now = now.plusSeconds(31);
    assertThat(fetched.get()).isEqualTo(2);
  }

  @Test
  void whatIsKnownCountsWhileItCannotBeHadAnewButNotForEver() throws OidcFailure {
    fetched.get();
    broken = true;
    now = now.plus(Duration.ofHours(1));
    assertThat(fetched.get()).isEqualTo(1);
    now = now.plus(Duration.ofHours(12));
    assertThatThrownBy(fetched::get).isInstanceOf(OidcFailure.class);
  }
}
