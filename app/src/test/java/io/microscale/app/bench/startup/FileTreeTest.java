package io.microscale.app.bench.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeTest {
  @TempDir private Path folder;

  private static FileTree tree() {
    return new FileTree()
        .folder("bin")
        .folder("dev")
        .program("bin/say", "#!/bin/sh\necho said\n")
        .file("note", "four".getBytes(StandardCharsets.UTF_8))
        .link("bin/tell", "say")
        .device("dev/console", 5, 1);
  }

  @Test
  void theArchiveIsWhatTarReads() throws Exception {
    var file = Files.write(folder.resolve("a.tar"), tree().tar());
    var listed = run("tar", "--numeric-owner", "-tvf", file.toString());
    assertThat(listed.lines().map(line -> line.replaceAll(" +", " ")))
        .anyMatch(line -> line.matches("drwxr-xr-x 0/0 0 .* bin/"))
        .anyMatch(line -> line.matches("-rwxr-xr-x 0/0 20 .* bin/say"))
        .anyMatch(line -> line.matches("-rw-r--r-- 0/0 4 .* note"))
        .anyMatch(line -> line.endsWith("bin/tell -> say"))
        .anyMatch(line -> line.matches("crw------- 0/0 5,1 .* dev/console"));
    run("tar", "-xf", file.toString(), "bin");
    assertThat(run(folder.resolve("bin/tell").toString())).isEqualTo("said");
  }

  @Test
  void theSameTreeGivesTheSameArchive() throws IOException {
    assertThat(tree().tar()).isEqualTo(tree().tar());
  }

  @Test
  void theFolderHasTheSameFilesButDevices() throws Exception {
    tree().writeTo(folder);
    assertThat(run(folder.resolve("bin/tell").toString())).isEqualTo("said");
    assertThat(folder.resolve("note")).hasContent("four");
    assertThat(folder.resolve("dev")).isEmptyDirectory();
  }

  /// Walks through it as the kernel does: a head of 110 characters, name and content each padded to
  /// four bytes.
  @Test
  void theKernelsArchiveIsPaddedAndEnds() throws IOException {
    var all = ByteBuffer.wrap(tree().cpio());
    var names = new ArrayList<String>();
    while (names.isEmpty() || !names.getLast().startsWith("TRAILER!!!")) {
      var head = text(all, 110);
      assertThat(head).startsWith("070701");
      int size = Integer.parseInt(head.substring(54, 62), 16);
      int nameSize = Integer.parseInt(head.substring(94, 102), 16);
      var name = text(all, nameSize);
      align(all);
      var content = text(all, size);
      align(all);
      names.add(
          "%s %o %s"
              .formatted(
                  name.replace("\0", ""), Integer.parseInt(head.substring(14, 22), 16), content));
      if (name.startsWith("dev/console")) {
        assertThat(head.substring(78, 94)).isEqualTo("0000000500000001");
      }
    }
    assertThat(names)
        .containsExactly(
            "bin 40755 ",
            "dev 40755 ",
            "bin/say 100755 #!/bin/sh\necho said\n",
            "note 100644 four",
            "bin/tell 120777 say",
            "dev/console 20600 ",
            "TRAILER!!! 0 ");
    assertThat(all.hasRemaining()).isFalse();
  }

  private static String text(ByteBuffer all, int length) {
    var bytes = new byte[length];
    all.get(bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private static void align(ByteBuffer all) {
    all.position((all.position() + 3) / 4 * 4);
  }

  private String run(String... command) throws IOException, InterruptedException {
    return Commands.run(Duration.ofSeconds(20), folder, List.of(command));
  }
}
