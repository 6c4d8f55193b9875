package io.takhin.kafka.form;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM with a nonce at random, which is stored before the encrypted key. At random is safe
 * for 2³² data keys under one master key.
 */
final class AesMasterKey implements MasterKey {
  static final int BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKey key;
  private final SecureRandom random;

  AesMasterKey(byte[] key, SecureRandom random) {
    this.key = new SecretKeySpec(key, "AES");
    this.random = random;
  }

  @Override
  public byte[] encrypt(byte[] dataKey, byte[] context) throws GeneralSecurityException {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, nonce, context).doFinal(dataKey);
    return ByteBuffer.allocate(NONCE_BYTES + encrypted.length).put(nonce).put(encrypted).array();
  }

  @Override
  public byte[] decrypt(byte[] encrypted, byte[] context) throws GeneralSecurityException {
    if (encrypted.length <= NONCE_BYTES) {
      throw new GeneralSecurityException(
          "encrypted key too short: expected more than "
              + NONCE_BYTES
              + " bytes, got "
              + encrypted.length);
    }
    byte[] nonce = new byte[NONCE_BYTES];
    ByteBuffer.wrap(encrypted).get(nonce);
    return cipher(Cipher.DECRYPT_MODE, nonce, context)
        .doFinal(encrypted, NONCE_BYTES, encrypted.length - NONCE_BYTES);
  }

  private Cipher cipher(int mode, byte[] nonce, byte[] context) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(context);
    return cipher;
  }
}
