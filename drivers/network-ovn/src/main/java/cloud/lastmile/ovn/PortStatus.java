package cloud.lastmile.ovn;

import cloud.lastmile.ovn.ovsdb.Row;
import cloud.lastmile.ovn.ovsdb.RowChange;
import cloud.lastmile.ovn.ovsdb.RowListener;
import cloud.lastmile.ovn.rows.Owner;
import cloud.lastmile.ovn.rows.Tables;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners which ports are up, on a thread of its own so that they may take their time. */
final class PortStatus implements RowListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PortStatus.class);

  private final List<BiConsumer<UUID, Boolean>> listeners = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Runnable> events = new LinkedBlockingQueue<>();
  private final Thread teller = Thread.ofVirtual().name("ovn-port-status").start(this::tell);

  void listen(BiConsumer<UUID, Boolean> listener, Collection<Row> ports) {
    listeners.add(listener);
    for (Row port : ports) {
      if (guestPort(port)) {
        events.add(() -> listener.accept(port.id(), up(port)));
      }
    }
  }

  @Override
  public void changed(RowChange change) {
    Optional<Row> after = change.after();
    if (!change.table().equals(Tables.SWITCH_PORT) || after.isEmpty() || !guestPort(after.get())) {
      return;
    }
    boolean up = up(after.get());
    if (up != change.before().map(PortStatus::up).orElse(false)) {
      UUID port = change.id();
      events.add(() -> listeners.forEach(listener -> listener.accept(port, up)));
    }
  }

  private static boolean guestPort(Row row) {
    return (row.text("type").isEmpty() || row.text("type").equals("virtual"))
        && Owner.of(row.map("external_ids"))
            .filter(owner -> owner.kind() == Owner.Kind.PORT)
            .isPresent();
  }

  private static boolean up(Row row) {
    return row.flag("up").orElse(false);
  }

  private void tell() {
    try {
      while (true) {
        Runnable event = events.take();
        try {
          event.run();
        } catch (RuntimeException e) {
          LOG.error("a listener for port status failed", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    teller.interrupt();
  }
}
