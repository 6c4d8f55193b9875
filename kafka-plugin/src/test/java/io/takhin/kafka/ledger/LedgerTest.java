package io.takhin.kafka.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.kafka.layout.ObjectStem;
import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  private static final int MAX_ENTRIES = 1000;
  private static final ObjectStem A = stem("a");
  private static final ObjectStem B = stem("b");

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("ledger");
  }

  @Test
  void aTombstoneSurvivesARestart() throws IOException {
    try (Ledger ledger = open()) {
      ledger.doom(A);
    }
    try (Ledger again = open()) {
      assertThat(again.doomed()).containsExactly(new Doomed(A, false));
      assertThat(again.doomedCount()).isEqualTo(1);
    }
  }

  @Test
  void aCopyThatItsProcessDidNotEndIsDoomed() throws IOException {
    try (Ledger ledger = open()) {
      ledger.begin(A);
      ledger.begin(B);
      ledger.commit(B);
      assertThat(ledger.doomed()).as("while it is under way").isEmpty();
    }
    try (Ledger again = open()) {
      assertThat(again.doomed()).containsExactly(new Doomed(A, true));
    }
  }

  @Test
  void whatIsGoneIsForgotten() throws IOException {
    try (Ledger ledger = open()) {
      ledger.doom(A);
      Doomed doomed = ledger.doomed().get(0);
      assertThat(ledger.claim(doomed)).isTrue();
      assertThat(ledger.claim(doomed)).as("twice").isFalse();
      assertThat(ledger.doomed()).as("claimed").isEmpty();
      ledger.gone(doomed);
    }
    try (Ledger again = open()) {
      assertThat(again.doomed()).isEmpty();
    }
  }

  @Test
  void whatCouldNotBeRemovedIsFoundAgain() throws IOException {
    try (Ledger ledger = open()) {
      ledger.doom(A);
      Doomed doomed = ledger.doomed().get(0);
      assertThat(ledger.claim(doomed)).isTrue();

      ledger.release(doomed);

      assertThat(ledger.doomed()).containsExactly(doomed);
    }
  }

  @Test
  void aCopyThatFailedIsToBeRemovedWithItsParts() throws IOException {
    try (Ledger ledger = open()) {
      ledger.begin(A);
      Doomed partial = ledger.abandon(A).orElseThrow();
      assertThat(partial).isEqualTo(new Doomed(A, true));
      assertThat(ledger.doomed()).as("claimed by who gave the copy up").isEmpty();

      ledger.release(partial);

      ledger.doom(A);
      assertThat(ledger.doomed()).containsExactly(partial);
      assertThat(ledger.abandon(A)).as("others were told already").isEmpty();
    }
    try (Ledger again = open()) {
      assertThat(again.doomed()).containsExactly(new Doomed(A, true));
    }
  }

  @Test
  void aCopyUnderKeysThatAreToBeRemovedTakesThemOver() throws IOException {
    try (Ledger ledger = open()) {
      ledger.doom(A);
      Doomed before = ledger.doomed().get(0);

      ledger.begin(A);

      assertThat(ledger.claim(before)).isFalse();
      ledger.commit(A);
      assertThat(ledger.doomed()).isEmpty();
    }
    try (Ledger again = open()) {
      assertThat(again.doomed()).isEmpty();
    }
  }

  @Test
  void aCopyUnderKeysThatAreJustBeingRemovedIsRefused() throws IOException {
    try (Ledger ledger = open()) {
      ledger.doom(A);
      assertThat(ledger.claim(ledger.doomed().get(0))).isTrue();

      assertThatThrownBy(() -> ledger.begin(A))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is being removed");
    }
  }

  @Test
  void moreThanTheLimitIsRefusedAndNothingIsLost() throws IOException {
    try (Ledger ledger = Ledger.open(file, 2)) {
      ledger.doom(A);
      ledger.doom(B);
      ledger.doom(B);

      assertThatThrownBy(() -> ledger.doom(stem("c"))).hasMessageContaining("too many");
      assertThat(ledger.doomedCount()).isEqualTo(2);
    }
  }

  @Test
  void aLineThatWasCutOffDoesNotCount() throws IOException {
    try (Ledger ledger = open()) {
      ledger.doom(A);
      ledger.doom(B);
    }
    byte[] bytes = Files.readAllBytes(file);
    for (int cut = 1; cut <= 16; cut++) {
      Files.write(file, Arrays.copyOf(bytes, bytes.length - cut));
      try (Ledger again = open()) {
        assertThat(again.doomed()).as("cut by %s", cut).containsExactly(new Doomed(A, false));
      }
    }
  }

  @Test
  void damageNeverDoomsACopyThatMayBeComplete() throws IOException {
    try (Ledger ledger = open()) {
      ledger.begin(A);
      ledger.commit(A);
      ledger.doom(B);
    }
    String text = Files.readString(file);
    String damaged = text.replace(" commit ", " commix ");
    assertThat(damaged).as("the fault is there").isNotEqualTo(text);
    Files.writeString(file, damaged);

    try (Ledger again = open()) {
      assertThat(again.doomed()).containsExactly(new Doomed(B, false));
    }
  }

  @Test
  void noiseNeverDoomsWhatNobodyDoomed() throws IOException {
    Random random = new Random(20261121);
    for (int round = 0; round < 50; round++) {
      Files.deleteIfExists(file);
      try (Ledger ledger = open()) {
        for (int segment = 0; segment < 10; segment++) {
          ledger.begin(stem("copied-" + segment));
          ledger.commit(stem("copied-" + segment));
          ledger.doom(stem("doomed-" + segment));
        }
      }
      byte[] bytes = Files.readAllBytes(file);
      for (int hit = 0; hit < 5; hit++) {
        int at = LedgerFile.HEADER.length() + 1 + random.nextInt(bytes.length - 20);
        bytes[Math.min(at, bytes.length - 2)] = (byte) random.nextInt();
      }
      Files.write(file, bytes);
      try (Ledger again = open()) {
        assertThat(again.doomed())
            .as("round %s", round)
            .allMatch(doomed -> doomed.stem().toString().startsWith("doomed-"));
      }
    }
  }

  @Test
  void aNewerFileIsRefused() throws IOException {
    Files.writeString(file, "takhin-ledger 2\n");

    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected=\"takhin-ledger 1\" got=\"takhin-ledger 2\"");
  }

  @Test
  void theFileDoesNotGrowWithWhatIsOver() throws IOException {
    try (Ledger ledger = open()) {
      List<CompletableFuture<Void>> threads = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        int number = thread;
        threads.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int segment = 0; segment < 1500; segment++) {
                    run(ledger, stem(number + "-" + segment));
                  }
                },
                task -> new Thread(task).start()));
      }
      threads.forEach(CompletableFuture::join);
      ledger.doom(A);

      long lines = Files.readAllLines(file, StandardCharsets.US_ASCII).size();
      assertThat(lines).as("of 24,001 that were written").isLessThan(13_000);
      assertThat(ledger.doomed()).containsExactly(new Doomed(A, false));
    }
    try (Ledger again = open()) {
      assertThat(again.doomed()).containsExactly(new Doomed(A, false));
      assertThat(Files.readAllLines(file, StandardCharsets.US_ASCII)).hasSize(2);
    }
  }

  @Test
  void afterItsEndNothingIsAccepted() throws IOException {
    Ledger ledger = open();
    ledger.close();

    assertThatThrownBy(() -> ledger.doom(A)).hasMessageContaining("closed");
  }

  @Test
  void whatStandsInAnInterruptedThreadIsDurableOrRefused() throws IOException {
    try (Ledger ledger = open()) {
      Thread.currentThread().interrupt();
      try {
        assertThatThrownBy(() -> ledger.doom(A)).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      assertThat(ledger.doomed()).isEmpty();
    }
  }

  @Test
  void foreignLinesInBetweenAreDamage() throws IOException {
    try (Ledger ledger = open()) {
      ledger.begin(A);
      ledger.doom(B);
    }
    Files.writeString(file, "00000000 doom c\n", StandardOpenOption.APPEND);

    try (Ledger again = open()) {
      assertThat(again.doomed()).containsExactly(new Doomed(B, false));
    }
  }

  private Ledger open() throws IOException {
    return Ledger.open(file, MAX_ENTRIES);
  }

  private static void run(Ledger ledger, ObjectStem stem) {
    try {
      ledger.begin(stem);
      ledger.commit(stem);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectStem stem(String name) {
    return new ObjectStem(new ObjectKey(name));
  }
}
