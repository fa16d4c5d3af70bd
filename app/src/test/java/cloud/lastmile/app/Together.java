package cloud.lastmile.app;

import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The answers of clients that began at once. */
record Together(List<Answer> answers) {
  static final int CLIENTS = 12;

  /** All clients do the same. */
  static Together of(Callable<Answer> what) throws Exception {
    return of(what, what);
  }

  /** Every second client does the one, the others the other. */
  static Together of(Callable<Answer> one, Callable<Answer> other) throws Exception {
    CyclicBarrier start = new CyclicBarrier(CLIENTS);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> running = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Callable<Answer> what = i % 2 == 0 ? one : other;
        running.add(
            clients.submit(() -> {
              start.await();
              return what.call();
            }));
      }
      List<Answer> answers = new ArrayList<>();
      for (Future<Answer> client : running) {
        answers.add(client.get());
      }
      return new Together(answers);
    }
  }

  /** How many answers there are of each status. */
  Map<Integer, Integer> statuses() {
    Map<Integer, Integer> statuses = new TreeMap<>();
    answers.forEach(answer -> statuses.merge(answer.status(), 1, Integer::sum));
    return statuses;
  }

  long successes() {
    return answers.stream().filter(answer -> answer.status() / 100 == 2).count();
  }

  /** The answers that are the server's fault; what is not implemented is none. */
  List<String> failures() {
    return answers.stream()
        .filter(answer -> answer.status() / 100 == 5 && answer.status() != 501)
        .map(answer -> answer.status() + " " + answer.text())
        .toList();
  }
}
