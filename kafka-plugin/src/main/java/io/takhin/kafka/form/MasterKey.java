package io.takhin.kafka.form;

import java.security.GeneralSecurityException;

/** Encrypts data keys. Any thread. */
interface MasterKey {
  /** Encrypts a data key; the result fits {@link io.takhin.kafka.layout.WrappedKey}. */
  byte[] encrypt(byte[] dataKey, byte[] context) throws GeneralSecurityException;

  /**
   * Brings a data key back.
   *
   * @throws GeneralSecurityException if it was encrypted with another key, or for another context
   */
  byte[] decrypt(byte[] encrypted, byte[] context) throws GeneralSecurityException;
}
