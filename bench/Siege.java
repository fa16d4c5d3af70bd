import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code java Siege.java URL MINUTES Siege.java}, with the administrator's password in ADMIN_PASSWORD: fifty
 * honest clients alone for a quarter of the time (a minute at least, five at most), then for
 * MINUTES together with attackers. Prints the honest ones' waits, which count from when a request
 * was due, and what the attackers were answered. Ends with an error if an honest request was
 * answered wrongly or an attack was answered by 500.
 *
 * <p>The attackers are a process of their own, {@code java Siege.java attack URL}, of the lowest
 * priority: those of the world do not use our processors.
 */
static final int HONEST = 50;

static final long PACE_NANOS = 500_000_000;

static final URI[] CLOUD = new URI[1];

void main(String[] arguments) throws Exception {
  if (arguments[0].equals("attack")) {
    CLOUD[0] = URI.create(arguments[1]);
    attack();
    return;
  }
  CLOUD[0] = URI.create(arguments[0]);
  double minutes = Double.parseDouble(arguments[1]);
  Setup setup = new Setup(System.getenv("ADMIN_PASSWORD"));
  List<Account> honest = new ArrayList<>();
  for (int i = 0; i < 5; i++) {
    honest.add(setup.account("honest-" + i));
  }
  List<Account> hostile = new ArrayList<>();
  for (int i = 0; i < 4; i++) {
    hostile.add(setup.account("hostile-" + i));
  }
  work(honest, 20); // both sides' code is compiled
  Waits alone = work(honest, Math.clamp((long) (minutes * 15), 60, 300));
  alone.print("alone");
  Process attackers = startAttackers(arguments[2], setup.image, hostile);
  Waits besieged;
  try {
    besieged = work(honest, (long) (minutes * 60));
    besieged.print("under attack");
    attackers.outputWriter().close();
    if (!attackers.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the attackers do not end");
    }
  } finally {
    attackers.destroyForcibly();
  }
  IO.println("Of requests that failed, the wait until they did counts.");
  IO.println(
      "p99 under attack / alone: %.1f; goal: at most 2"
          .formatted(besieged.percentile(99) / alone.percentile(99)));
  if (besieged.failures.get() > 0 || alone.failures.get() > 0 || attackers.exitValue() != 0) {
    System.exit(1);
  }
}

/** Returns when they have begun; they go on until their input is closed. */
static Process startAttackers(String source, String image, List<Account> hostile)
    throws IOException {
  ProcessBuilder builder = new ProcessBuilder("nice", "-n", "19",
      System.getProperty("java.home") + "/bin/java", "-Xmx512m", "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1", source, "attack", CLOUD[0].toString());
  builder.redirectError(ProcessBuilder.Redirect.INHERIT);
  Process process = builder.start();
  BufferedWriter input = process.outputWriter();
  input.write(image + "\n");
  for (Account who : hostile) {
    input.write(String.join(" ", who.name, who.user, who.project, who.token, who.network) + "\n");
  }
  input.write("\n");
  input.flush();
  BufferedReader output = process.inputReader();
  output.readLine();
  Thread.ofVirtual().start(() -> output.lines().forEach(IO::println));
  return process;
}

/** Attacks until the input ends. */
static void attack() throws Exception {
  BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
  String image = input.readLine();
  List<Account> hostile = new ArrayList<>();
  for (String line = input.readLine(); !line.isEmpty(); line = input.readLine()) {
    String[] words = line.split(" ");
    hostile.add(new Account(words[0], words[1], words[2], words[3], words[4]));
  }
  Attackers attackers = new Attackers(image, hostile);
  IO.println("begun");
  while (input.read() >= 0) {
    // Nothing more is said.
  }
  attackers.print();
  System.exit(attackers.broke() ? 1 : 0);
}

/** A user who is a member of a project that has a network. */
record Account(String name, String user, String project, String token, String network) {}

/** Makes accounts, as the administrator. */
static final class Setup {
  private final String token;
  private final String role;
  final String image;

  Setup(String password) throws IOException {
    token = login("{\"name\": \"admin\", \"domain\": {\"id\": \"default\"}, \"password\": \""
        + password + "\"}", "{\"name\": \"admin\", \"domain\": {\"id\": \"default\"}}");
    role = field(ask("GET", "/identity/v3/roles?name=member", ""), "id");
    image = field(
        ask("POST", "/image/v2/images", "{\"name\": \"siege\", \"disk_format\": \"raw\","
            + " \"container_format\": \"bare\", \"visibility\": \"public\"}"), "id");
    ask("PUT", "/image/v2/images/" + image + "/file", "x".repeat(65_536),
        "application/octet-stream");
    ask("POST", "/compute/v2.1/flavors", "{\"flavor\": {\"id\": \"siege\", \"name\": \"siege\","
        + " \"vcpus\": 1, \"ram\": 64, \"disk\": 1}}");
  }

  Account account(String name) throws IOException {
    String project = field(
        ask("POST", "/identity/v3/projects", "{\"project\": {\"name\": \"" + name + "\"}}"), "id");
    String user = field(
        ask("POST", "/identity/v3/users",
            "{\"user\": {\"name\": \"" + name + "\", \"password\": \"" + name + "\"}}"), "id");
    ask("PUT", "/identity/v3/projects/" + project + "/users/" + user + "/roles/" + role, "");
    String own = login(
        "{\"id\": \"" + user + "\", \"password\": \"" + name + "\"}",
        "{\"id\": \"" + project + "\"}");
    try (Client client = new Client("127.0.0.1")) {
      String network = field(client.send("POST", "/networking/v2.0/networks", own,
          "{\"network\": {\"name\": \"" + name + "\"}}").expect(), "id");
      client.send("POST", "/networking/v2.0/subnets", own, "{\"subnet\": {\"network_id\": \""
          + network + "\", \"ip_version\": 4, \"cidr\": \"10.64.0.0/16\"}}").expect();
      return new Account(name, user, project, own, network);
    }
  }

  private static String login(String user, String project) throws IOException {
    try (Client client = new Client("127.0.0.1")) {
      Answer answer = client.send("POST", "/identity/v3/auth/tokens", "",
          "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": "
              + user + "}}, \"scope\": {\"project\": " + project + "}}}");
      answer.expect();
      return answer.headers.get("x-subject-token");
    }
  }

  private String ask(String method, String path, String body) throws IOException {
    return ask(method, path, body, "application/json");
  }

  private String ask(String method, String path, String body, String type) throws IOException {
    try (Client client = new Client("127.0.0.1")) {
      return client.send(method, path, token, body, type).expect();
    }
  }
}

static String field(String json, String name) {
  Matcher matcher = Pattern.compile("\"" + name + "\": ?\"([^\"]*)\"").matcher(json);
  if (!matcher.find()) {
    throw new IllegalStateException("no " + name + " in " + json);
  }
  return matcher.group(1);
}

/** What honest clients waited for. */
static final class Waits {
  private final ConcurrentLinkedQueue<Double> millis = new ConcurrentLinkedQueue<>();
  private final Map<String, ConcurrentLinkedQueue<Double>> byKind = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> wrong = new ConcurrentHashMap<>();
  final AtomicInteger failures = new AtomicInteger();

  void add(String kind, double wait) {
    millis.add(wait);
    byKind.computeIfAbsent(kind, _ -> new ConcurrentLinkedQueue<>()).add(wait);
  }

  double percentile(int percent) {
    return percentile(millis, percent);
  }

  private static double percentile(ConcurrentLinkedQueue<Double> waits, int percent) {
    double[] sorted = waits.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted.length == 0 ? 0 : sorted[(int) ((long) (sorted.length - 1) * percent / 100)];
  }

  void print(String when) {
    IO.println(
        "%d honest clients %s: %d requests, %d failed, p50 %.1f ms, p99 %.1f ms, longest %.0f ms"
            .formatted(HONEST, when, millis.size(), failures.get(), percentile(50), percentile(99),
                percentile(100)));
    new TreeMap<>(byKind).forEach((kind, waits) ->
        IO.println("  %-45s %5d, p50 %.1f ms, p99 %.1f ms".formatted(kind, waits.size(),
            percentile(waits, 50), percentile(waits, 99))));
    wrong.forEach((what, times) -> IO.println("  failed " + times + " times: " + what));
  }
}

static Waits work(List<Account> accounts, long seconds) throws Exception {
  Waits waits = new Waits();
  long start = System.nanoTime();
  long end = start + seconds * 1_000_000_000;
  try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < HONEST; i++) {
      int number = i;
      running.add(clients.submit(() -> {
        honest(accounts.get(number % accounts.size()), number, start, end, waits);
        return null;
      }));
    }
    for (Future<?> one : running) {
      one.get();
    }
  }
  return waits;
}

/** Two requests a second, of the kinds that programs make. */
static void honest(Account who, int number, long start, long end, Waits waits)
    throws InterruptedException {
  Client client = null;
  String port = "";
  long due = start + PACE_NANOS * number / HONEST;
  for (int turn = number; due < end; turn++, due += PACE_NANOS) {
    long early = due - System.nanoTime();
    if (early > 0) {
      Thread.sleep(early / 1_000_000, (int) (early % 1_000_000));
    }
    String what = "";
    try {
      if (client == null) {
        client = new Client("127.0.1." + (1 + number));
      }
      Answer answer;
      switch (turn % 10) {
        case 0, 1, 2, 3 -> answer = client.send("GET", what = "/identity/v3/auth/tokens",
            who.token, "");
        case 4, 5 -> answer = client.send("GET", what = "/compute/v2.1/servers/detail?limit=50",
            who.token, "");
        case 6 -> answer = client.send("GET", what = "/image/v2/images?limit=50", who.token, "");
        case 7 -> answer = client.send("GET", what = "/networking/v2.0/ports?limit=50", who.token,
            "");
        case 8 -> {
          what = "POST of a port";
          answer = client.send("POST", "/networking/v2.0/ports", who.token,
              "{\"port\": {\"network_id\": \"" + who.network + "\"}}");
          port = answer.status == 201 ? field(answer.body, "id") : "";
        }
        default -> {
          what = "DELETE of a port";
          answer = port.isEmpty() ? client.send("GET", "/networking/v2.0/networks", who.token, "")
              : client.send("DELETE", "/networking/v2.0/ports/" + port, who.token, "");
          port = "";
        }
      }
      waits.add(what, (System.nanoTime() - due) / 1e6);
      if (answer.status / 100 != 2) {
        fail(waits, what + " " + answer.status);
      }
    } catch (IOException failure) {
      waits.add(what, (System.nanoTime() - due) / 1e6);
      fail(waits, what + " " + failure.getMessage());
      close(client);
      client = null;
    }
  }
  close(client);
}

static void fail(Waits waits, String what) {
  waits.failures.incrementAndGet();
  waits.wrong.computeIfAbsent(what, _ -> new AtomicInteger()).incrementAndGet();
}

static void close(Client client) {
  if (client != null) {
    client.close();
  }
}

/** One attack, made over and over. */
interface Attack {
  int once(Account who, String address) throws Exception;
}

/** All attacks at once, from four addresses, each with its own member of its own project. */
static final class Attackers {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Map<Integer, AtomicInteger>> answers = new ConcurrentHashMap<>();
  private final String image;

  Attackers(String image, List<Account> hostile) {
    this.image = image;
    for (int i = 0; i < hostile.size(); i++) {
      Account who = hostile.get(i);
      String address = "127.0.0." + (2 + i);
      start("half heads", 300, who, address, Attackers::halfHead);
      start("slow bodies", 10, who, address, Attackers::slowBody);
      start("huge arrays", 2, who, address, (a, b) -> request(a, b, "POST",
          "/networking/v2.0/networks", "{\"networks\": [" + "{},".repeat(349_000) + "{}]}"));
      start("deep bodies", 2, who, address, (a, b) -> request(a, b, "POST",
          "/compute/v2.1/servers", "[".repeat(500_000)));
      start("login bodies", 35, who, address, (a, b) -> request(null, b, "POST",
          "/identity/v3/auth/tokens", "[" + "{},".repeat(38_000) + "{}]"));
      start("wrong passwords", 4, who, address, Attackers::guess);
      start("evil patterns", 6, who, address, (a, b) -> request(a, b, "GET",
          "/compute/v2.1/servers?name=" + URLEncoder.encode(
              "^(a*)(a*)(a*)(a*)(a*)(a*)b\\1\\2\\3\\4\\5\\6$", StandardCharsets.UTF_8), ""));
      start("lists without end", 4, who, address, (a, b) -> request(a, b, "GET",
          "/networking/v2.0/ports?limit=1000000", ""));
      start("ten thousand servers", 2, who, address, this::manyServers);
      start("ports made", 2, who, address, (a, b) -> request(a, b, "POST",
          "/networking/v2.0/ports", "{\"port\": {\"network_id\": \"" + a.network + "\"}}"));
      start("races to delete", 1, who, address, Attackers::deleteRace);
      start("imports", 4, who, address, Attackers::importSlowly);
      start("user data", 2, who, address, this::userData);
    }
  }

  private void start(String name, int times, Account who, String address, Attack attack) {
    Map<Integer, AtomicInteger> counts = answers.computeIfAbsent(name,
        _ -> new ConcurrentHashMap<>());
    for (int i = 0; i < times; i++) {
      threads.submit(() -> {
        while (true) {
          int status;
          try {
            status = attack.once(who, address);
          } catch (IOException | RuntimeException cut) {
            status = 0;
            Thread.sleep(100);
          }
          counts.computeIfAbsent(status, _ -> new AtomicInteger()).incrementAndGet();
        }
      });
    }
  }

  private static int request(Account who, String address, String method, String path, String body)
      throws IOException {
    try (Client client = new Client(address)) {
      return client.send(method, path, who == null ? "" : who.token, body).status;
    }
  }

  /** A byte of the head every second, until the other side has enough. */
  private static int halfHead(Account who, String address) throws Exception {
    try (Client client = new Client(address)) {
      client.write("GET /compute/v2.1/servers HTTP/1.1\r\nHost: x\r\nX-Slow: ");
      for (int i = 0; i < 600; i++) {
        if (client.waiting(1_000)) {
          return client.status();
        }
        client.write("x");
      }
      return 1;
    }
  }

  private static int slowBody(Account who, String address) throws Exception {
    try (Client client = new Client(address)) {
      client.write("POST /networking/v2.0/networks HTTP/1.1\r\nHost: x\r\nX-Auth-Token: "
          + who.token + "\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{");
      for (int i = 0; i < 600; i++) {
        if (client.waiting(1_000)) {
          return client.status();
        }
        client.write(" ");
      }
      return 1;
    }
  }

  private static int guess(Account who, String address) throws Exception {
    String user = Math.random() < 0.5
        ? "{\"id\": \"" + who.user + "\", \"name\": \"" + Math.random() + "\", \"password\": \"no\"}"
        : "{\"name\": \"admin\", \"domain\": {\"id\": \"default\"}, \"password\": \"no\"}";
    Thread.sleep(50);
    return request(null, address, "POST", "/identity/v3/auth/tokens",
        "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": " + user
            + "}}}}");
  }

  private String server(Account who, String more) {
    return "{\"server\": {\"name\": \"x\", \"imageRef\": \"" + image
        + "\", \"flavorRef\": \"siege\", \"networks\": [{\"uuid\": \"" + who.network + "\"}], "
        + more + "}}";
  }

  private int manyServers(Account who, String address) throws Exception {
    return request(who, address, "POST", "/compute/v2.1/servers", server(who,
        "\"min_count\": 10000, \"user_data\": \"" + "eHh4".repeat(10_000) + "\""));
  }

  /** Servers with the most user data that there may be, made and deleted. */
  private int userData(Account who, String address) throws Exception {
    try (Client client = new Client(address)) {
      Answer made = client.send("POST", "/compute/v2.1/servers", who.token,
          server(who, "\"user_data\": \"" + "eHh4".repeat(16_000) + "\""));
      if (made.status == 202) {
        client.send("DELETE", "/compute/v2.1/servers/" + field(made.body, "id"), who.token, "");
      }
      return made.status;
    }
  }

  private static int deleteRace(Account who, String address) throws Exception {
    String id;
    try (Client client = new Client(address)) {
      Answer made = client.send("POST", "/networking/v2.0/ports", who.token,
          "{\"port\": {\"network_id\": \"" + who.network + "\"}}");
      if (made.status != 201) {
        Thread.sleep(100);
        return made.status;
      }
      id = field(made.body, "id");
    }
    AtomicInteger worst = new AtomicInteger();
    try (ExecutorService twelve = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 12; i++) {
        twelve.submit(() -> {
          int status = request(who, address, "DELETE", "/networking/v2.0/ports/" + id, "");
          return worst.accumulateAndGet(status, Math::max);
        });
      }
    }
    return worst.get();
  }

  /** An import from a server that never answers: nothing listens where it is told to look. */
  private static int importSlowly(Account who, String address) throws Exception {
    try (Client client = new Client(address)) {
      Answer made = client.send("POST", "/image/v2/images", who.token,
          "{\"name\": \"x\", \"disk_format\": \"raw\", \"container_format\": \"bare\"}");
      if (made.status != 201) {
        Thread.sleep(1_000);
        return made.status;
      }
      String image = "/image/v2/images/" + field(made.body, "id");
      int status = client.send("POST", image + "/import", who.token, "{\"method\": {\"name\":"
          + " \"web-download\", \"uri\": \"http://127.0.0.1:1/x\"}}").status;
      client.send("DELETE", image, who.token, "");
      return status;
    }
  }

  boolean broke() {
    return answers.values().stream().anyMatch(counts -> counts.containsKey(500));
  }

  void print() {
    IO.println("What the attacks were answered, by status; 0 is cut off, 1 is borne for minutes:");
    new TreeMap<>(answers).forEach((name, counts) ->
        IO.println("  %-22s %s".formatted(name, new TreeMap<>(counts))));
  }
}

/** An answer; headers' names are in lower case. */
record Answer(int status, Map<String, String> headers, String body) {
  String expect() {
    if (status / 100 != 2) {
      throw new IllegalStateException(status + " " + body);
    }
    return body;
  }
}

/** One connection, from a local address. */
static final class Client implements AutoCloseable {
  private final Socket socket = new Socket();
  private final InputStream input;

  Client(String from) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(new InetSocketAddress(CLOUD[0].getHost(), CLOUD[0].getPort()), 10_000);
    input = new BufferedInputStream(socket.getInputStream());
  }

  void write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether something is to be read, or the other side has ended, within a time. */
  boolean waiting(int millis) throws IOException {
    input.mark(1);
    socket.setSoTimeout(millis);
    try {
      if (input.read() >= 0) {
        input.reset();
      }
      return true;
    } catch (java.net.SocketTimeoutException nothing) {
      return false;
    } finally {
      socket.setSoTimeout(60_000);
    }
  }

  /** Of the answer that comes; 0 if none does. */
  int status() throws IOException {
    String[] words = line().split(" ", 3);
    return words.length > 1 ? Integer.parseInt(words[1]) : 0;
  }

  Answer send(String method, String path, String token, String body) throws IOException {
    return send(method, path, token, body, "application/json");
  }

  Answer send(String method, String path, String token, String body, String type)
      throws IOException {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    String head =
        method + " " + path + " HTTP/1.1\r\nHost: " + CLOUD[0].getAuthority() + "\r\n"
            + (token.isEmpty() ? "" : "X-Auth-Token: " + token + "\r\nX-Subject-Token: " + token
                + "\r\n")
            + "OpenStack-API-Version: compute 2.90\r\n"
            + (content.length == 0 ? "" : "Content-Type: " + type + "\r\n")
            + "Content-Length: " + content.length + "\r\n\r\n";
    byte[] start = head.getBytes(StandardCharsets.UTF_8);
    byte[] request = Arrays.copyOf(start, start.length + content.length);
    System.arraycopy(content, 0, request, start.length, content.length);
    socket.getOutputStream().write(request);
    int status = status();
    if (status == 0) {
      throw new IOException("no answer");
    }
    Map<String, String> headers = new TreeMap<>();
    for (String header = line(); !header.isEmpty(); header = line()) {
      String[] parts = header.split(":", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1].strip());
    }
    return new Answer(status, headers, body(headers));
  }

  private String body(Map<String, String> headers) throws IOException {
    if (!headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      return text(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    }
    StringBuilder all = new StringBuilder();
    for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
      all.append(text(size));
      line();
    }
    line();
    return all.toString();
  }

  private String text(int length) throws IOException {
    return new String(input.readNBytes(length), StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = input.read(); c != '\n'; c = input.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException ignored) {
      // It is gone.
    }
  }
}
