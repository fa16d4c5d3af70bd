package cloud.lastmile.ovn.ovsdb;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Commits small transactions of many callers as one: while one is under way the next callers
 * gather, and go together when it is answered. The database, and above all northd behind it, then
 * works once for all of them.
 *
 * <p>Nothing is delayed when there is a single caller. That it is safe: callers that wait at the
 * same time have no order among themselves; a transaction is all or nothing, so when a common one
 * is refused nothing was done, and each member is committed alone to see who is at fault.
 */
final class GroupCommit {
  private static final int MEMBERS = 64;

  private final BlockingQueue<Member> waiting = new LinkedBlockingQueue<>();
  private final Function<List<Operation>, List<JsonNode>> commit;
  private final Thread worker;

  /**
   * @param commit commits one transaction and returns a result per operation
   */
  GroupCommit(String name, Function<List<Operation>, List<JsonNode>> commit) {
    this.commit = commit;
    this.worker = Thread.ofVirtual().name("ovsdb-commit-" + name).unstarted(this::run);
  }

  void start() {
    worker.start();
  }

  void close() {
    worker.interrupt();
  }

  CompletableFuture<List<JsonNode>> submit(List<Operation> operations) {
    Member member = new Member(operations, new CompletableFuture<>());
    waiting.add(member);
    if (!worker.isAlive()) {
      failWaiting();
    }
    return member.done();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        List<Member> group = new ArrayList<>();
        group.add(waiting.take());
        waiting.drainTo(group, MEMBERS - 1);
        commit(group);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      failWaiting();
    }
  }

  private void failWaiting() {
    for (Member member = waiting.poll(); member != null; member = waiting.poll()) {
      member.done().completeExceptionally(OvsdbException.disconnected("the client was closed"));
    }
  }

  private void commit(List<Member> group) {
    List<Operation> all = new ArrayList<>();
    group.forEach(member -> all.addAll(member.operations()));
    try {
      List<JsonNode> results = commit.apply(all);
      int from = 0;
      for (Member member : group) {
        int to = from + member.operations().size();
        member.done().complete(List.copyOf(results.subList(from, to)));
        from = to;
      }
    } catch (OvsdbException e) {
      if (group.size() > 1 && e.reason() == OvsdbException.Reason.REFUSED) {
        group.forEach(member -> commit(List.of(member)));
      } else {
        group.forEach(member -> member.done().completeExceptionally(e));
      }
    } catch (RuntimeException e) {
      group.forEach(member -> member.done().completeExceptionally(e));
    }
  }

  private record Member(List<Operation> operations, CompletableFuture<List<JsonNode>> done) {}
}
