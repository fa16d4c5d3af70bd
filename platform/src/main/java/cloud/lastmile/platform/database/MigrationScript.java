package cloud.lastmile.platform.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** One file {@code db/<schema>/V<version>__<what>.sql} of the class path. */
record MigrationScript(String schema, int version, String resource, String sql, long checksum) {

  private static final Pattern NAME = Pattern.compile("V(\\d+)__\\w+\\.sql");
  private static final Pattern SCHEMA = Pattern.compile("[a-z][a-z0-9_]*");

  /** All scripts of these schemas: the schemas in the given order, each by version. */
  static List<MigrationScript> find(List<String> schemas) {
    List<MigrationScript> all = new ArrayList<>();
    for (String schema : schemas) {
      if (!SCHEMA.matcher(schema).matches()) {
        throw new IllegalArgumentException("No name for a schema: " + schema);
      }
      List<MigrationScript> scripts = find(schema);
      for (int index = 1; index < scripts.size(); index++) {
        if (scripts.get(index).version() == scripts.get(index - 1).version()) {
          throw new IllegalStateException(
              "Two migrations of one version: " + scripts.get(index).resource());
        }
      }
      all.addAll(scripts);
    }
    return List.copyOf(all);
  }

  private static List<MigrationScript> find(String schema) {
    String directory = "db/" + schema;
    ClassLoader loader = MigrationScript.class.getClassLoader();
    try {
      List<MigrationScript> scripts = new ArrayList<>();
      for (URL url : Collections.list(loader.getResources(directory))) {
        for (String name : names(url, directory)) {
          Matcher matcher = NAME.matcher(name);
          if (!matcher.matches()) {
            throw new IllegalStateException("No name for a migration: " + directory + "/" + name);
          }
          int version = Integer.parseInt(matcher.group(1));
          scripts.add(load(loader, schema, version, directory + "/" + name));
        }
      }
      scripts.sort(Comparator.comparingInt(MigrationScript::version));
      return scripts;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list the migrations in " + directory, e);
    }
  }

  private static List<String> names(URL url, String directory) throws IOException {
    URLConnection connection = url.openConnection();
    if (connection instanceof JarURLConnection jar) {
      return jar.getJarFile().stream()
          .map(entry -> entry.getName())
          .filter(name -> name.startsWith(directory + "/") && !name.endsWith("/"))
          .map(name -> name.substring(directory.length() + 1))
          .toList();
    }
    try (Stream<Path> files = Files.list(Path.of(URI.create(url.toString())))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static MigrationScript load(
      ClassLoader loader, String schema, int version, String resource) throws IOException {
    try (InputStream stream = loader.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IOException("There is no " + resource);
      }
      byte[] bytes = stream.readAllBytes();
      CRC32C sum = new CRC32C();
      sum.update(bytes);
      String sql = new String(bytes, StandardCharsets.UTF_8);
      return new MigrationScript(schema, version, resource, sql, sum.getValue());
    }
  }
}
