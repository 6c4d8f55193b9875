package io.takhin.testkit;

/** The operations of {@link io.takhin.tiered.store.ObjectStore} a {@link FaultStore} can strike. */
public enum StoreOperation {
  PUT,
  START_MULTIPART,
  PUT_PART,
  COMPLETE,
  ABORT,
  COPY,
  START_COPY,
  COPY_PART,
  HEAD,
  READ,
  DELETE,
  LIST,
  PENDING_UPLOADS
}
