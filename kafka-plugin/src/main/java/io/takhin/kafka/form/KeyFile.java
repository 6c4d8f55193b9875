package io.takhin.kafka.form;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a master key: either 32 bytes in base64, for AES, or a private RSA key in PEM (PKCS#8,
 * {@code BEGIN PRIVATE KEY}), whose public part is in it. No message has anything of the content.
 */
final class KeyFile {
  private static final int MAX_BYTES = 64 << 10;
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  private KeyFile() {}

  /**
   * @throws IOException if it cannot be read, or is something else
   */
  static MasterKey read(Path file, SecureRandom random) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("not a key file: larger than " + MAX_BYTES + " bytes");
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    try {
      return text.startsWith("-----BEGIN ") ? rsa(text) : aes(text, random);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // Without the cause, whose message may quote the content.
      throw new IOException(
          "not a key file: expected 32 bytes in base64, or an unencrypted RSA key of "
              + RsaMasterKey.MIN_BITS
              + " to "
              + RsaMasterKey.MAX_BITS
              + " bits in PEM (BEGIN PRIVATE KEY)");
    }
  }

  private static MasterKey aes(String text, SecureRandom random) {
    byte[] key = Base64.getDecoder().decode(text);
    if (key.length != AesMasterKey.BYTES) {
      throw new IllegalArgumentException("size");
    }
    return new AesMasterKey(key, random);
  }

  private static MasterKey rsa(String text) throws GeneralSecurityException {
    Matcher pem = PEM.matcher(text);
    if (!pem.find()) {
      throw new IllegalArgumentException("PEM");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
    if (KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded))
            instanceof RSAPrivateCrtKey key
        && key.getModulus().bitLength() >= RsaMasterKey.MIN_BITS
        && key.getModulus().bitLength() <= RsaMasterKey.MAX_BITS) {
      return new RsaMasterKey(key);
    }
    throw new IllegalArgumentException("size");
  }
}
