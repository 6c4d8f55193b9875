package io.takhin.tiered.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.s3.ScriptedServer.Request;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Credentials by web identity, as pods of EKS have them: a token file and a role, given by
 * AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, which the SDK also takes as system properties.
 */
@Timeout(60)
final class WebIdentityTest {
  private static final String CREDENTIALS =
      """
      <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <AssumeRoleWithWebIdentityResult>
          <Credentials>
            <AccessKeyId>ASIATEMPORARY</AccessKeyId>
            <SecretAccessKey>secret-word</SecretAccessKey>
            <SessionToken>session-token</SessionToken>
            <Expiration>2099-01-01T00:00:00Z</Expiration>
          </Credentials>
        </AssumeRoleWithWebIdentityResult>
      </AssumeRoleWithWebIdentityResponse>
      """;

  @TempDir Path directory;
  private final List<String> properties = new ArrayList<>();

  @AfterEach
  void clearProperties() {
    properties.forEach(System::clearProperty);
  }

  @Test
  void theTokenIsExchangedOnceForCredentialsThatSignRequests() throws Exception {
    try (ScriptedServer sts = new ScriptedServer();
        ScriptedServer s3 = new ScriptedServer()) {
      // Given
      sts.then(ScriptedServer.document(CREDENTIALS));
      s3.then(ScriptedServer.status(204));
      Map<String, String> pod = new HashMap<>();
      Path token = Files.writeString(directory.resolve("token"), "token-of-the-pod");
      pod.put("aws.webIdentityTokenFile", token.toString());
      pod.put("aws.roleArn", "arn:aws:iam::123456789012:role/takhin");
      pod.put("aws.region", "eu-central-1");
      pod.put("aws.endpointUrlSts", sts.endpoint().toString());
      pod.forEach(this::set);

      // When
      try (S3Store store = new S3Store(S3Options.at(s3.endpoint(), "bucket", "eu-central-1"))) {
        store.delete(new ObjectKey("one"));
        store.delete(new ObjectKey("two"));
      }

      // Then
      assertThat(sts.requests()).hasSize(1);
      assertThat(sts.requests().get(0).sent())
          .contains("Action=AssumeRoleWithWebIdentity")
          .contains("WebIdentityToken=token-of-the-pod")
          .contains("role%2Ftakhin");
      assertThat(s3.requests()).hasSize(2).allMatch(WebIdentityTest::isSignedByThem);
    }
  }

  private static boolean isSignedByThem(Request request) {
    return request.header("Authorization").contains("Credential=ASIATEMPORARY/")
        && request.header("X-Amz-Security-Token").equals("session-token");
  }

  private void set(String property, String value) {
    properties.add(property);
    System.setProperty(property, value);
  }
}
