package cloud.lastmile.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many clients who do the same thing at the same moment. */
public final class Race {
  private static final int CLIENTS = 12;

  private Race() {}

  /** What each of twelve was answered: the statuses, in no order. */
  public static List<Integer> statuses(Callable<TestingHttp.Answer> request) {
    CyclicBarrier start = new CyclicBarrier(CLIENTS);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        answers.add(
            clients.submit(() -> {
              start.await();
              return request.call().status();
            }));
      }
      List<Integer> statuses = new ArrayList<>();
      for (Future<Integer> answer : answers) {
        statuses.add(answer.get());
      }
      return statuses;
    } catch (InterruptedException | ExecutionException failure) {
      throw new IllegalStateException("a client of the race failed", failure);
    }
  }
}
