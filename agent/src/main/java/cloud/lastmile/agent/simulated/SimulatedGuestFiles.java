package cloud.lastmile.agent.simulated;

import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.HostException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Simulated guests as files, one of a few lines each. A write is a rename, so that a killed program
 * leaves whole files and at most a draft, which the next one removes; it is not forced to the disk,
 * for the simulation need not survive the machine.
 */
final class SimulatedGuestFiles {
  private static final String SUFFIX = ".guest";
  private static final String UNFINISHED = ".new";

  private final Path directory;

  SimulatedGuestFiles(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    try (DirectoryStream<Path> drafts = Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
      for (Path draft : drafts) {
        Files.delete(draft);
      }
    }
  }

  List<SimulatedGuest> readAll() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
          .map(SimulatedGuestFiles::read)
          .toList();
    }
  }

  void write(SimulatedGuest guest) throws HostException {
    List<String> lines = new ArrayList<>();
    lines.add(guest.imageId().toString());
    lines.add(Integer.toString(guest.diskGeneration()));
    lines.add(Long.toString(guest.diskSize()));
    lines.add(guest.power().name());
    lines.add(guest.reason());
    lines.addAll(guest.console());
    Path temporary = directory.resolve(guest.id() + UNFINISHED);
    try {
      Files.write(temporary, lines);
      Files.move(temporary, file(guest.id()), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new HostException("cannot store guest " + guest.id(), true, e);
    }
  }

  void delete(UUID id) throws HostException {
    try {
      Files.deleteIfExists(file(id));
    } catch (IOException e) {
      throw new HostException("cannot remove guest " + id, true, e);
    }
  }

  private Path file(UUID id) {
    return directory.resolve(id + SUFFIX);
  }

  private static SimulatedGuest read(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      String name = file.getFileName().toString();
      return new SimulatedGuest(
          UUID.fromString(name.substring(0, name.length() - SUFFIX.length())),
          UUID.fromString(lines.get(0)),
          Integer.parseInt(lines.get(1)),
          Long.parseLong(lines.get(2)),
          Power.valueOf(lines.get(3)),
          lines.get(4),
          lines.subList(5, lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
