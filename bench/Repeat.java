import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Sends one request many times: {@code java Repeat.java CLIENTS FIRST COUNT METHOD URL BODY}, with
 * the token in the environment variable TOKEN. {@code %d} in the URL and the body becomes the
 * request's number, from FIRST; {@code %012d} works too. Prints the wall-clock seconds of all, and
 * the median and 95th percentile of one in milliseconds. Any answer but 2xx ends it with an error.
 */
void main(String[] arguments) throws Exception {
  int clients = Integer.parseInt(arguments[0]);
  int first = Integer.parseInt(arguments[1]);
  int count = Integer.parseInt(arguments[2]);
  String method = arguments[3];
  String url = arguments[4];
  String body = arguments[5];
  HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  AtomicInteger next = new AtomicInteger();
  double[] millis = new double[count];
  long start = System.nanoTime();
  try (ExecutorService pool = Executors.newFixedThreadPool(clients)) {
    for (Future<?> client :
        IntStream.range(0, clients)
            .mapToObj(_ ->
                pool.submit(() -> {
                  for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                    millis[i] = send(http, method, numbered(url, first + i), numbered(body, first + i));
                  }
                  return null;
                }))
            .toList()) {
      client.get();
    }
  }
  double seconds = (System.nanoTime() - start) / 1e9;
  Arrays.sort(millis);
  IO.println("%.2f %.1f %.1f".formatted(seconds, millis[count / 2], millis[count * 95 / 100]));
}

String numbered(String text, int number) {
  return text.replace("%012d", "%012d".formatted(number)).replace("%d", Integer.toString(number));
}

/** Milliseconds until the answer was there. */
double send(HttpClient http, String method, String url, String body) throws Exception {
  HttpRequest request =
      HttpRequest.newBuilder(URI.create(url))
          .header("X-Auth-Token", System.getenv("TOKEN"))
          .header("Content-Type", "application/json")
          .header("OpenStack-API-Version", "placement 1.29")
          .method(method, BodyPublishers.ofString(body))
          .build();
  long start = System.nanoTime();
  HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
  double millis = (System.nanoTime() - start) / 1e6;
  if (answer.statusCode() / 100 != 2) {
    throw new IllegalStateException(method + " " + url + ": " + answer.statusCode() + " " + answer.body());
  }
  return millis;
}
