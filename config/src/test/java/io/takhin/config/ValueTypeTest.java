package io.takhin.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ValueTypeTest {

  @ParameterizedTest
  @ValueSource(strings = {"abc", "takhin", "my.logs-2026", "12345", "a-b", "a.b.c", "x--y"})
  void bucketNamesOfS3AreAccepted(String name) {
    assertThat(ValueType.bucket().parse(name)).contains(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ab",
        "Takhin",
        "my_bucket",
        "-abc",
        "abc-",
        ".abc",
        "abc.",
        "a..b",
        "192.168.5.4",
        "xn--abc",
        "sthree-abc",
        "amzn-s3-demo-abc",
        "abc-s3alias",
        "abc--ol-s3",
        "abc.mrap",
        "abc--x-s3",
        "abc--table-s3",
        "a/b",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl"
      })
  void otherBucketNamesAreRefused(String name) {
    assertThat(ValueType.bucket().parse(name)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.0, 0",
    "1, 1048576",
    "0.5, 524288",
    "0.001, 1049",
    "1048576, 1099511627776"
  })
  void ratesAreMebibytesPerSecondOrNone(String text, long bytesPerSecond) {
    assertThat(ValueType.mebibytesPerSecond().parse(text)).contains(bytesPerSecond);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "0.0009", "1048577", "1e3", "fast", "5MB", "00", "-0.5"})
  void otherRatesAreRefused(String text) {
    assertThat(ValueType.mebibytesPerSecond().parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"segments", "a/b/c", "team-1/log_segments.v2", "...", "(old)"})
  void prefixesOfSafeFoldersAreAccepted(String prefix) {
    assertThat(ValueType.keyPrefix().parse(prefix)).contains(prefix);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a b", "ä", "a\\b", "a%2fb"
      })
  void otherPrefixesAreRefused(String prefix) {
    assertThat(ValueType.keyPrefix().parse(prefix)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "embedded",
        "http://localhost:9000",
        "https://s3.example.org/",
        "http://[::1]:9"
      })
  void endpointsAreAccepted(String endpoint) {
    assertThat(ValueType.s3Endpoint().parse(endpoint)).contains(endpoint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:9000",
        "ftp://localhost",
        "http://",
        "http:opaque",
        "http://host/path",
        "http://host?query",
        "http://host#part",
        "http://user:secret@host",
        "http://host:70000",
        "http://my host",
        "Embedded"
      })
  void otherEndpointsAreRefused(String endpoint) {
    assertThat(ValueType.s3Endpoint().parse(endpoint)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "127.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "b-1.example.org",
        "a"
      })
  void hostsAreAccepted(String host) {
    assertThat(ValueType.host().parse(host)).contains(host);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost:9092", "http://localhost", "a b", "-a", "[::1]", "a/b"})
  void otherHostsAreRefused(String host) {
    assertThat(ValueType.host().parse(host)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "~", "~/data", "a\0b"})
  void textsThatAreNoFoldersAreRefused(String folder) {
    assertThat(ValueType.folder().parse(folder)).isEmpty();
  }

  @Test
  void aRetentionIsADurationOrForEver() {
    ValueType<Optional<Duration>> type = ValueType.durationOrForEver(TimeUnit.HOURS, "10");

    assertThat(type.parse("-1")).contains(Optional.empty());
    assertThat(type.parse("0.5")).contains(Optional.of(Duration.ofMinutes(30)));
    assertThat(type.parse("0")).contains(Optional.of(Duration.ZERO));
    for (String text : new String[] {"-2", "-1.0", "11", "", "ever"}) {
      assertThat(type.parse(text)).as(text).isEmpty();
    }
  }
}
