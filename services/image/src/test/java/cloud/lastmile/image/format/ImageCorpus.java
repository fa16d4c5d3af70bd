package cloud.lastmile.image.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Files of all formats and kinds that qemu-img and genisoimage make. */
final class ImageCorpus {
  static final int DISK = 3 << 20;

  /** What is accepted: the API's name of the format, and qemu-img's arguments. */
  private static final List<String> GOOD =
      List.of(
          "raw: raw",
          "qcow2: qcow2",
          "qcow2: qcow2 -o compat=0.10",
          "qcow2: qcow2 -c",
          "qcow2: qcow2 -c -o compression_type=zstd",
          "qcow2: qcow2 -o cluster_size=512",
          "qcow2: qcow2 -o cluster_size=2M",
          "qcow2: qcow2 -o extended_l2=on,cluster_size=128k",
          "qcow2: qcow2 -o lazy_refcounts=on,refcount_bits=64",
          "qcow2: qcow2 -o refcount_bits=1",
          "qcow2: qcow2 -o preallocation=metadata",
          "vmdk: vmdk",
          "vmdk: vmdk -o adapter_type=lsilogic,compat6=on",
          "vmdk: vmdk -o zeroed_grain=on",
          "vmdk: vmdk -o subformat=streamOptimized",
          "vdi: vdi",
          "vdi: vdi -o static=on",
          "vhd: vpc",
          "vhd: vpc -o subformat=fixed",
          "vhd: vpc -o subformat=fixed,force_size=on",
          "vhdx: vhdx",
          "vhdx: vhdx -o subformat=fixed",
          "vhdx: vhdx -o block_size=1M");

  /** What refers to other files, needs a secret, or is of a format that nobody may upload. */
  private static final List<String> BAD =
      List.of(
          "vmdk: vmdk -o subformat=monolithicFlat",
          "vmdk: vmdk -o subformat=twoGbMaxExtentSparse",
          "vmdk: vmdk -o subformat=twoGbMaxExtentFlat",
          "qcow2: qcow2 -o data_file=data,data_file_raw=on",
          "qcow2: qcow2 -F raw -B raw",
          "vmdk: vmdk -F vmdk -B good-11",
          "qcow2: --object secret,id=key,data=x qcow2 -o encrypt.format=aes,encrypt.key-secret=key",
          "qcow2: qcow",
          "raw: qed",
          "raw: parallels");

  private final Path directory;
  private final List<Sample> samples = new ArrayList<>();

  /**
   * @param declared the API's name of the format
   */
  record Sample(String made, String declared, Path file, boolean isGood) {}

  private ImageCorpus(Path directory) {
    this.directory = directory;
  }

  static List<Sample> make(Path directory) throws Exception {
    ImageCorpus corpus = new ImageCorpus(directory);
    byte[] bytes = new byte[DISK];
    new Random(5).nextBytes(bytes);
    Files.write(directory.resolve("raw"), bytes);
    for (String kind : GOOD) {
      corpus.convert(kind, "good-" + corpus.samples.size(), true);
    }
    Path withSnapshot = Files.copy(corpus.samples.get(1).file(), directory.resolve("snapshot"));
    corpus.run(List.of("qemu-img", "snapshot", "-c", "before", "snapshot"));
    corpus.samples.add(new Sample("qcow2 with a snapshot", "qcow2", withSnapshot, true));
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Files.writeString(tree.resolve("readme"), "hello");
    corpus.run(List.of("genisoimage", "-quiet", "-J", "-R", "-o", "iso", "tree"));
    corpus.samples.add(new Sample("genisoimage", "iso", directory.resolve("iso"), true));
    for (String declared : List.of("ami", "aki", "ari")) {
      corpus.samples.add(new Sample("random bytes", declared, directory.resolve("raw"), true));
    }
    for (String kind : BAD) {
      corpus.convert(kind, "bad-" + corpus.samples.size(), false);
    }
    return corpus.samples;
  }

  private void convert(String kind, String name, boolean isGood) throws Exception {
    String[] words = kind.split(": ", 2);
    List<String> arguments = new ArrayList<>(List.of(words[1].split(" ", -1)));
    List<String> command = new ArrayList<>(List.of("qemu-img", "convert", "-f", "raw"));
    if (arguments.getFirst().equals("--object")) {
      command.addAll(arguments.subList(0, 2));
      arguments = arguments.subList(2, arguments.size());
    }
    command.add("-O");
    command.addAll(arguments);
    command.addAll(List.of("raw", name));
    run(command);
    samples.add(new Sample(kind, words[0], directory.resolve(name), isGood));
  }

  private void run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + said).isZero();
  }
}
