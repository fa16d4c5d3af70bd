package cloud.lastmile.platform.database;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * Where a database is and how to log in. Text form is that of libpq: {@code
 * postgresql://user:password@host:port/database?sslmode=require}, or over a unix socket {@code
 * postgresql://user@/database?host=/var/run/postgresql}.
 *
 * @param socket the socket's file; if absent, {@code host} and {@code port} over TCP
 * @param options further settings of the driver, such as {@code sslmode}
 */
public record DatabaseUrl(
    Optional<Path> socket,
    String host,
    int port,
    String database,
    String user,
    Optional<String> password,
    Map<String, String> options) {

  private static final int DEFAULT_PORT = 5432;

  public DatabaseUrl {
    options = Map.copyOf(options);
  }

  public static DatabaseUrl unixSocket(Path socket, String database, String user) {
    return new DatabaseUrl(
        Optional.of(socket), "localhost", DEFAULT_PORT, database, user, Optional.empty(), Map.of());
  }

  /**
   * @throws IllegalArgumentException if the text is no such address; the message names the part
   */
  public static DatabaseUrl parse(String text) {
    // java.net.URI takes no empty authority with a user, which libpq allows for sockets.
    URI uri = URI.create(text.replaceFirst("^(postgres(?:ql)?://[^/@]*@)/", "$1socket/"));
    if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
      throw new IllegalArgumentException("A database URL starts with postgresql://");
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (path.length() < 2) {
      throw new IllegalArgumentException("The database URL names no database after the host");
    }
    Map<String, String> options = query(uri.getRawQuery());
    Optional<String> directory =
        Optional.ofNullable(options.remove("host")).filter(host -> host.startsWith("/"));
    int port = uri.getPort() == -1 ? DEFAULT_PORT : uri.getPort();
    String[] login = uri.getRawUserInfo() == null ? null : uri.getRawUserInfo().split(":", 2);
    String user = login == null ? System.getProperty("user.name") : decode(login[0]);
    return new DatabaseUrl(
        directory.map(name -> Path.of(name, ".s.PGSQL." + port)),
        uri.getHost() == null ? "localhost" : uri.getHost(),
        port,
        path.substring(1),
        user,
        login == null || login.length < 2 ? Optional.empty() : Optional.of(decode(login[1])),
        options);
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      String[] parts = pair.split("=", 2);
      options.put(decode(parts[0]), parts.length == 2 ? decode(parts[1]) : "");
    }
    return options;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The same server and login, another database. */
  public DatabaseUrl withDatabase(String name) {
    return new DatabaseUrl(socket, host, port, name, user, password, options);
  }

  String jdbcUrl() {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database;
  }

  Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    password.ifPresent(secret -> properties.setProperty("password", secret));
    properties.setProperty("gssEncMode", "disable");
    socket.ifPresent(file -> {
      properties.setProperty("sslmode", "disable");
      properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
      properties.setProperty("socketFactoryArg", file.toString());
    });
    options.forEach(properties::setProperty);
    return properties;
  }

  /** Never with the password: this text goes to logs. */
  @Override
  public String toString() {
    return socket.isPresent()
        ? "postgresql://" + user + "@/" + database + "?host=" + socket.get().getParent()
        : "postgresql://" + user + "@" + host + ":" + port + "/" + database;
  }
}
