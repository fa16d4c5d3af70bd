package cloud.lastmile.app;

import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What every route that writes is asked in tests, from the files {@code sweep/*.txt}, one for each
 * service. Requests are parted by empty lines. The first line of one:
 *
 * <pre>
 * {@code [admin] [setup] [octet] [await] METHOD /path/{thing} [-> thing /pointer [thing =text]...]}
 * </pre>
 *
 * <p>{@code {thing}} is the id of a thing that belongs to whoever asks; {@code {n}} is a number
 * that was never used before. What is behind the arrow names what the answer made, found by
 * pointer, or said. A tenant is made of all requests that make something or are {@code setup}, in
 * this order; {@code admin} ones are the administrator's to send. {@code await} waits until the
 * value at the pointer is the one of its second line; {@code octet} sends bytes. Then come lines
 * of:
 *
 * <ul>
 *   <li>{@code first THING}: a new one of these is made before, in a race for a deletion
 *   <li>{@code after METHOD /path}: that request is sent before, in a race for a deletion, about a
 *       new one of the path's last thing
 *   <li>{@code with THING TEXT}: the thing is this, in a race for a deletion
 *   <li>{@code repeatable WHY}: all of many deletions at once succeed
 *   <li>{@code accepted WHY}: more than one succeeds, but it is told once
 *   <li>{@code uses QUOTA}: asks for one of that quota
 *   <li>{@code alone WHY}: is in no race
 *   <li>all else is the body.
 * </ul>
 */
final class Requests {
  /** A thing that is made, and where the answer says its id; behind {@code =} is the id itself. */
  record Made(String thing, String pointer) {}

  /** One request, with things instead of ids. */
  record Request(
      List<String> flags,
      String method,
      String path,
      List<Made> made,
      Map<String, String> notes,
      String body) {
    boolean is(String flag) {
      return flags.contains(flag);
    }

    Optional<String> note(String name) {
      return Optional.ofNullable(notes.get(name));
    }

    String name() {
      return method + " " + path;
    }

    /** Whether a tenant is made with it. */
    boolean makes() {
      return !made.isEmpty() || is("setup");
    }
  }

  /** A route of a service. */
  record Call(ServiceApi service, Route route) {
    String template() {
      return service.prefix() + route.path();
    }

    String name() {
      return route.method() + " " + template();
    }

    /** How many segments are the same text; none if the path is not of this route. */
    Optional<Integer> matches(String method, String path) {
      String[] ours = template().split("/", -1);
      String[] theirs = path.split("/", -1);
      if (!route.method().equals(method) || ours.length != theirs.length) {
        return Optional.empty();
      }
      int same = 0;
      for (int i = 0; i < ours.length; i++) {
        if (ours[i].equals(theirs[i])) {
          same++;
        } else if (!ours[i].startsWith("{")) {
          return Optional.empty();
        }
      }
      return Optional.of(same);
    }
  }

  private final List<Request> all;
  private final List<Call> calls;

  private Requests(List<Request> all, List<Call> calls) {
    this.all = all;
    this.calls = calls;
  }

  static Requests of(TestCloud cloud) {
    List<Request> all = new ArrayList<>();
    Services.schemas().forEach(service -> read(service, all));
    List<Call> calls =
        cloud.apis().stream()
            .flatMap(api -> api.routes().stream().map(route -> new Call(api, route)))
            .toList();
    return new Requests(List.copyOf(all), calls);
  }

  List<Request> all() {
    return all;
  }

  List<Call> calls() {
    return calls;
  }

  /** The route that a path is of: the one with the most of the same text, the newest of these. */
  Optional<Call> route(String method, String path) {
    return calls.stream()
        .filter(call -> call.matches(method, path).isPresent())
        .max(
            Comparator.comparingInt((Call call) -> call.matches(method, path).orElseThrow())
                .thenComparing(call -> call.route().max() == null));
  }

  Request find(String name) {
    return all.stream()
        .filter(request -> request.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("sweep/*.txt has no request " + name));
  }

  List<Request> of(Call call) {
    return all.stream()
        .filter(request -> !request.is("await"))
        .filter(request ->
            route(request.method(), request.path())
                .filter(found -> found.name().equals(call.name()))
                .isPresent())
        .toList();
  }

  /** The thing that is meant by the last parameter of a path, {@code /networks/{id}}. */
  Optional<String> thing(String upTo) {
    String[] wanted = upTo.split("/", -1);
    return all.stream()
        .map(request -> request.path().split("/", -1))
        .filter(path -> path.length >= wanted.length && same(path, wanted))
        .map(path -> path[wanted.length - 1])
        .filter(segment -> segment.startsWith("{") && segment.endsWith("}"))
        .map(segment -> segment.substring(1, segment.length() - 1))
        .findFirst();
  }

  private static boolean same(String[] path, String[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      boolean both = path[i].startsWith("{") && wanted[i].startsWith("{");
      if (!both && !path[i].equals(wanted[i])) {
        return false;
      }
    }
    return true;
  }

  private static void read(String file, List<Request> into) {
    try (InputStream text = Requests.class.getResourceAsStream("/sweep/" + file + ".txt")) {
      String all = new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
      for (String block : all.split("\n\n+", -1)) {
        List<String> lines =
            block.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
        if (!lines.isEmpty()) {
          into.add(parse(lines));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Request parse(List<String> lines) {
    List<String> words = List.of(lines.getFirst().split(" ", -1));
    int method = 0;
    while (!words.get(method).matches("[A-Z]+")) {
      method++;
    }
    List<Made> made = new ArrayList<>();
    for (int i = method + 3; i < words.size(); i += 2) {
      made.add(new Made(words.get(i), words.get(i + 1)));
    }
    Map<String, String> notes = new LinkedHashMap<>();
    StringBuilder body = new StringBuilder();
    for (String line : lines.subList(1, lines.size())) {
      String first = line.split(" ", 2)[0];
      if (Stream.of("first", "after", "with", "repeatable", "accepted", "alone", "uses")
          .anyMatch(first::equals)) {
        notes.put(first, line.substring(first.length()).strip());
      } else {
        body.append(line);
      }
    }
    return new Request(
        List.copyOf(words.subList(0, method)),
        words.get(method),
        words.get(method + 1),
        List.copyOf(made),
        Map.copyOf(notes),
        body.toString());
  }
}
