package io.takhin.tiered.store.s3;

import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;

/** Where credentials come from when no keys are given. */
final class S3Credentials {
  private S3Credentials() {}

  /** A named profile and nothing else, so that it cannot be overruled; or the default chain. */
  static AwsCredentialsProvider of(Optional<String> profile) {
    return profile
        .<AwsCredentialsProvider>map(ProfileCredentialsProvider::create)
        .orElseGet(() -> DefaultCredentialsProvider.builder().build());
  }
}
