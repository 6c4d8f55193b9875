package io.takhin.kafka.form;

import io.takhin.kafka.layout.LogForm;
import io.takhin.kafka.layout.RemoteSegmentId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM with the data key of one copy of a segment. The nonce is the {@link Part}, which
 * occurs once for each key; authenticated with it is which segment it is of and how that is stored.
 * So a part that was swapped with another, of this segment or any other, is found, and so is a log
 * that was cut at a block.
 *
 * <p>Any thread.
 */
final class SegmentCipher {
  private static final String TRANSFORMATION = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;

  private final SecretKey key;
  private final RemoteSegmentId segment;
  private final String masterKeyId;
  private final byte[] context;

  /**
   * @param masterKeyId for messages
   */
  SegmentCipher(SecretKey key, RemoteSegmentId segment, LogForm form, String masterKeyId) {
    this.key = key;
    this.segment = segment;
    this.masterKeyId = masterKeyId;
    this.context = context(segment, form);
  }

  private static byte[] context(RemoteSegmentId segment, LogForm form) {
    return ("takhin-kafka 2\n"
            + segment.topicId()
            + '\n'
            + segment
            + '\n'
            + form.plainBytes()
            + '\n'
            + form.isCompressed()
            + '\n'
            + LogForm.BLOCK_BYTES)
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Encrypts a part; the tag is behind it.
   *
   * @return how many bytes were written, {@link LogForm#TAG_BYTES} more than there were
   */
  int seal(Part part, byte[] in, int inAt, int bytes, byte[] out, int outAt) {
    try {
      return cipher(Cipher.ENCRYPT_MODE, part).doFinal(in, inAt, bytes, out, outAt);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot encrypt: segment=" + segment + " part=" + part, e);
    }
  }

  byte[] seal(Part part, byte[] plain) {
    byte[] sealed = new byte[plain.length + LogForm.TAG_BYTES];
    int unused = seal(part, plain, 0, plain.length, sealed, 0);
    return sealed;
  }

  /**
   * Decrypts a part and proves it.
   *
   * @param bytes with the tag
   * @return how many bytes were written, {@link LogForm#TAG_BYTES} fewer
   * @throws DamagedFormException if it is not that part; nothing of it is to be used then
   */
  int open(Part part, byte[] in, int inAt, int bytes, byte[] out, int outAt)
      throws DamagedFormException {
    try {
      return cipher(Cipher.DECRYPT_MODE, part).doFinal(in, inAt, bytes, out, outAt);
    } catch (AEADBadTagException e) {
      throw new DamagedFormException(
          "encrypted data was altered or belongs elsewhere: segment="
              + segment
              + " part="
              + part
              + " bytes="
              + bytes
              + " key_id="
              + masterKeyId,
          e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot decrypt: segment=" + segment + " part=" + part, e);
    }
  }

  byte[] open(Part part, byte[] sealed) throws DamagedFormException {
    byte[] plain = new byte[sealed.length - LogForm.TAG_BYTES];
    int unused = open(part, sealed, 0, sealed.length, plain, 0);
    return plain;
  }

  /** A new one each time: they are no safer to share than cheap to make. */
  private Cipher cipher(int mode, Part part) throws GeneralSecurityException {
    byte[] nonce =
        ByteBuffer.allocate(NONCE_BYTES).putInt(part.code()).putLong(part.number()).array();
    Cipher cipher = Cipher.getInstance(TRANSFORMATION);
    cipher.init(mode, key, new GCMParameterSpec(LogForm.TAG_BYTES * Byte.SIZE, nonce));
    cipher.updateAAD(context);
    return cipher;
  }
}
