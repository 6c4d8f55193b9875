package io.takhin.benchmarks.transfer;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.RangedDownloader;
import io.takhin.tiered.transfer.TransferEngine;
import io.takhin.tiered.transfer.TransferOptions;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/** This project's library, as an embedder uses it; the one place here that knows its classes. */
final class OwnContender implements Contender {
  static final String NAME = "takhin";
  private static final Purpose PURPOSE = Purpose.foreground("benchmark");

  private final S3Store store;
  private final TransferEngine engine;

  OwnContender(S3Options options) {
    this.store = new S3Store(options);
    this.engine =
        new TransferEngine(
            store, TransferOptions.DEFAULT, new SimpleMeterRegistry(), Clock.systemUTC());
  }

  @Override
  public void upload(List<Item> items) throws IOException {
    Together.run(
        items,
        item -> engine.upload(item.file(), new ObjectKey(item.key()), PutOptions.BINARY, PURPOSE));
  }

  /** An archiver has the proof in its catalog; here it is asked of the store, in the time. */
  @Override
  public void download(List<Item> items) throws IOException {
    Together.run(
        items,
        item -> {
          ObjectProof proof = proof(new ObjectKey(item.key()));
          RangedDownloader.place(engine.fetch(proof, item.file(), PURPOSE), item.file());
        });
  }

  private ObjectProof proof(ObjectKey key) throws IOException {
    StoredObject object =
        store.head(key).orElseThrow(() -> new IOException("no such object: key=" + key));
    return new ObjectProof(
        key,
        object.sizeBytes(),
        object.checksum().orElseThrow(() -> new IOException("no checksum: key=" + key)));
  }

  @Override
  public void close() {
    engine.close();
    store.close();
  }
}
