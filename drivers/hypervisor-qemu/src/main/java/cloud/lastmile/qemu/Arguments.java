package cloud.lastmile.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** QEMU's arguments, in the making. */
final class Arguments {
  private final List<String> words = new ArrayList<>();

  void add(String... more) {
    words.addAll(List.of(more));
  }

  /**
   * @param options keys and values in turn
   */
  void device(String driver, String id, Object... options) {
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("driver", driver);
    device.put("id", id);
    for (int i = 0; i < options.length; i += 2) {
      device.put((String) options[i], options[i + 1]);
    }
    add("-device", json(device));
  }

  void blockdev(Map<String, Object> options) {
    add("-blockdev", json(options));
  }

  /** A raw file as a block node, under the name of {@code node}. */
  void rawFile(String node, Path path, boolean readOnly) {
    blockdev(file(node + "-file", path, readOnly));
    blockdev(format(node, "raw", node + "-file", readOnly));
  }

  static Map<String, Object> file(String node, Path path, boolean readOnly) {
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("driver", "file");
    file.put("node-name", node);
    file.put("filename", path.toString());
    file.put("read-only", readOnly);
    if (!readOnly) {
      file.put("discard", "unmap");
    }
    return file;
  }

  static Map<String, Object> format(String node, String driver, String file, boolean readOnly) {
    Map<String, Object> format = new LinkedHashMap<>();
    format.put("driver", driver);
    format.put("node-name", node);
    format.put("file", file);
    format.put("read-only", readOnly);
    return format;
  }

  static String json(Map<String, Object> options) {
    return JsonMapper.shared().writeValueAsString(options);
  }

  /** QEMU's option lists end a value at a comma; a doubled one stands for itself. */
  static String escaped(Path path) {
    return path.toString().replace(",", ",,");
  }

  List<String> words() {
    return List.copyOf(words);
  }
}
