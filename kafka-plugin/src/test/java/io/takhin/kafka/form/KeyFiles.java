package io.takhin.kafka.form;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Random;

/** Master keys for tests. */
public final class KeyFiles {
  private KeyFiles() {}

  /** 32 bytes that follow from the seed. */
  public static Path aes(Path file, long seed) throws IOException {
    byte[] key = new byte[32];
    new Random(seed).nextBytes(key);
    return Files.writeString(file, Base64.getEncoder().encodeToString(key) + "\n");
  }

  public static Path rsa(Path file) throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return pem(file, generator.generateKeyPair().getPrivate().getEncoded());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has RSA", e);
    }
  }

  static Path pem(Path file, byte[] pkcs8) throws IOException {
    return Files.writeString(
        file,
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pkcs8)
            + "\n-----END PRIVATE KEY-----\n");
  }
}
