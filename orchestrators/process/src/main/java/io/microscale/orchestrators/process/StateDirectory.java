package io.microscale.orchestrators.process;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The folder in which a pool's records and logs are, held by one engine at a time.
///
/// Records are replaced as a whole by renaming. They are not forced to the disk: what they speak of
/// does not outlive the machine either.
final class StateDirectory implements AutoCloseable {
  private static final String SUFFIX = ".replica";
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}");

  private final Path root;
  private final Path replicas;
  private final FileChannel lockFile;
  private final @Nullable FileLock lock;

  private StateDirectory(Path root, FileChannel lockFile, @Nullable FileLock lock) {
    this.root = root;
    this.replicas = root.resolve("replicas");
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /// Makes it if needed and takes hold of it.
  ///
  /// @throws OrchestratorException `REJECTED` if it cannot be written or another engine has it
  static StateDirectory open(Path path) {
    try {
      var owner = PosixFilePermissions.fromString("rwx------");
      Files.createDirectories(path, PosixFilePermissions.asFileAttribute(owner));
      var root = path.toRealPath();
      Files.createDirectories(root.resolve("replicas"));
      var file =
          FileChannel.open(
              root.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      var lock = tryLock(file);
      if (lock == null) {
        var owning = ByteBuffer.allocate(20);
        file.read(owning, 0);
        file.close();
        throw new OrchestratorException(
            Kind.REJECTED,
            "%s: another engine uses this state directory (process %s)"
                .formatted(path, StandardCharsets.US_ASCII.decode(owning.flip())));
      }
      file.truncate(0);
      file.write(StandardCharsets.US_ASCII.encode(Long.toString(ProcessHandle.current().pid())));
      return new StateDirectory(root, file, lock);
    } catch (IOException e) {
      throw new OrchestratorException(
          Kind.REJECTED, "%s: cannot use this state directory: %s".formatted(path, e), e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /// A short name that no other state directory of this host has.
  String fingerprint() {
    return hash(root.toString()).substring(0, 8);
  }

  /// A name for a start of a replica that no other start on this host has, also when the folder is
  /// removed and names of replicas come again.
  String token(ReplicaId id, Instant started) {
    return "%s/%s/%x.%x"
        .formatted(fingerprint(), fileName(id), started.getEpochSecond(), (long) started.getNano());
  }

  /// A file name for a replica, which may be called anything.
  static String fileName(ReplicaId id) {
    return PLAIN.matcher(id.value()).matches() ? id.value() : "%" + hash(id.value());
  }

  /// FNV-1a, 64 bits, in 16 hexadecimal digits.
  private static String hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return HexFormat.of().toHexDigits(hash);
  }

  /// Where logs are, in a folder for each service.
  Path logs() {
    return root.resolve("logs");
  }

  /// The output of a replica.
  OutputLog log(ReplicaRecord record) {
    return new OutputLog(
        logs().resolve(record.service().value()).resolve(fileName(record.id()) + OutputLog.SUFFIX));
  }

  /// Writes a record, in place of the one of that replica.
  void put(ReplicaRecord record) throws IOException {
    var name = fileName(record.id());
    var temporary = replicas.resolve(name + ".new");
    Files.writeString(temporary, RecordText.write(record.fields()));
    Files.move(
        temporary,
        replicas.resolve(name + SUFFIX),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  void remove(ReplicaId id) throws IOException {
    Files.deleteIfExists(replicas.resolve(fileName(id) + SUFFIX));
  }

  /// All records. One that cannot be read is told and set aside, so that nothing is done in its
  /// name.
  List<ReplicaRecord> all(Consumer<String> notices) {
    var records = new ArrayList<ReplicaRecord>();
    try (var files = Files.newDirectoryStream(replicas)) {
      for (var file : files) {
        var name = file.getFileName().toString();
        if (name.endsWith(".new")) {
          Files.delete(file);
        } else if (name.endsWith(SUFFIX)) {
          try {
            records.add(ReplicaRecord.of(RecordText.read(Files.readString(file))));
          } catch (IOException | IllegalArgumentException e) {
            Files.move(
                file,
                file.resolveSibling(name + ".unreadable"),
                StandardCopyOption.REPLACE_EXISTING);
            notices.accept("%s: no record of a replica, set aside: %s".formatted(file, e));
          }
        }
      }
    } catch (IOException e) {
      throw new OrchestratorException(
          Kind.REJECTED, "%s: cannot read the records of replicas: %s".formatted(replicas, e), e);
    }
    return records;
  }

  @Override
  public void close() {
    try {
      if (lock != null) {
        lock.release();
      }
      lockFile.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
