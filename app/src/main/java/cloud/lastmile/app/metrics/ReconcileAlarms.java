package cloud.lastmile.app.metrics;

import cloud.lastmile.platform.work.Reconciler.Failure;
import cloud.lastmile.platform.work.WorkNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Shows administrators among the metrics what cannot be brought in line with the database: how many
 * of each kind, and how often the first of them were tried. The reasons are in the log.
 */
public final class ReconcileAlarms {
  /** Each key is a time series of its own. */
  private static final int MOST_KEYS = 100;

  private final WorkNode work;
  private final MultiGauge counts;
  private final MultiGauge attempts;

  public ReconcileAlarms(MeterRegistry registry, WorkNode work) {
    this.work = work;
    this.counts =
        MultiGauge.builder("lastmile.reconcile.failing")
            .description("What cannot be brought in line with the database")
            .register(registry);
    this.attempts =
        MultiGauge.builder("lastmile.reconcile.failing.attempts")
            .description("How often it was tried in vain, for some of it")
            .register(registry);
  }

  /** Takes in how it is now. */
  void refresh() {
    List<Row<?>> kinds = new ArrayList<>();
    List<Row<?>> keys = new ArrayList<>();
    for (Map.Entry<String, Map<String, Failure>> kind : work.failing().entrySet()) {
      kinds.add(Row.of(Tags.of("kind", kind.getKey()), kind.getValue().size()));
      kind.getValue().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .limit(MOST_KEYS)
          .forEach(failing ->
              keys.add(
                  Row.of(
                      Tags.of("kind", kind.getKey(), "key", failing.getKey()),
                      failing.getValue().attempts())));
    }
    counts.register(kinds, true);
    attempts.register(keys, true);
  }
}
