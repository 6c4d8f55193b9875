package io.takhin.kafka.form;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;

/** RSA with OAEP, SHA-256 in both places; the context is its label. */
final class RsaMasterKey implements MasterKey {
  static final int MIN_BITS = 2048;
  static final int MAX_BITS = 7168;

  private final PrivateKey privateKey;
  private final PublicKey publicKey;

  /**
   * @param privateKey has the public one in it
   */
  RsaMasterKey(RSAPrivateCrtKey privateKey) throws GeneralSecurityException {
    this.privateKey = privateKey;
    this.publicKey =
        KeyFactory.getInstance("RSA")
            .generatePublic(
                new RSAPublicKeySpec(privateKey.getModulus(), privateKey.getPublicExponent()));
  }

  @Override
  public byte[] encrypt(byte[] dataKey, byte[] context) throws GeneralSecurityException {
    return cipher(Cipher.ENCRYPT_MODE, publicKey, context).doFinal(dataKey);
  }

  @Override
  public byte[] decrypt(byte[] encrypted, byte[] context) throws GeneralSecurityException {
    return cipher(Cipher.DECRYPT_MODE, privateKey, context).doFinal(encrypted);
  }

  private static Cipher cipher(int mode, Key key, byte[] context) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
    cipher.init(
        mode,
        key,
        new OAEPParameterSpec(
            "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, new PSource.PSpecified(context)));
    return cipher;
  }
}
