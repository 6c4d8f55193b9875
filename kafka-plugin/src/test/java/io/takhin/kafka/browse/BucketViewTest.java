package io.takhin.kafka.browse;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.console.remote.RemoteSegmentListing;
import io.takhin.console.remote.RemoteTopicListing;
import io.takhin.kafka.layout.ObjectStem;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.memory.MemoryStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BucketViewTest {
  private static final String PREFIX = "kafka";
  private static final int LOG_BYTES = 100;
  private static final int INDEX_BYTES = 10;
  private static final int MANIFEST_BYTES = 1;
  private static final int BYTES = LOG_BYTES + INDEX_BYTES + MANIFEST_BYTES;

  /** A page of S3 ends within one of them. */
  private static final int SEGMENTS = 700;

  private final ObjectStore store = new MemoryStore();
  private final BucketView bucket = new BucketView(store, PREFIX);

  @Test
  void everySegmentIsListedOnceWhereverAPageEnds() throws Exception {
    // Given
    List<String> written = new ArrayList<>();
    for (int segment = 0; segment < SEGMENTS; segment++) {
      written.add(copy("orders", 'A', segment).log().value());
    }

    // When
    List<String> listed = new ArrayList<>();
    ObjectKey after = null;
    do {
      RemoteSegmentListing page = bucket.segments(null, after, 97);
      assertThat(page.segments().size()).isLessThanOrEqualTo(97);
      for (RemoteSegmentListing.Segment segment : page.segments()) {
        assertThat(segment.complete()).isTrue();
        assertThat(segment.logBytes()).isEqualTo(LOG_BYTES);
        assertThat(segment.bytes()).isEqualTo(BYTES);
        listed.add(segment.objectKey());
      }
      after = key(page.next());
    } while (after != null);

    // Then
    assertThat(listed).isEqualTo(written);
  }

  @Test
  void sumsByTopicAreThoseOfTheWholeListing() throws Exception {
    for (int segment = 0; segment < SEGMENTS; segment++) {
      copy("orders", 'A', segment);
    }
    copy("orders", 'B', 0); // Created anew.
    copy("payments", 'C', 0);
    store.delete(copy("payments", 'C', 1).manifest());

    RemoteTopicListing listing = bucket.topics(null);

    assertThat(listing.next()).isNull();
    assertThat(listing.requests()).isEqualTo(1 + SEGMENTS * 3 / BucketWalk.PAGE_OBJECTS);
    assertThat(listing.topics())
        .containsExactly(
            new RemoteTopicListing.Topic("orders", id('A'), SEGMENTS, 0, SEGMENTS * (long) BYTES),
            new RemoteTopicListing.Topic("orders", id('B'), 1, 0, BYTES),
            new RemoteTopicListing.Topic("payments", id('C'), 1, 1, 2L * BYTES - MANIFEST_BYTES));
  }

  @Test
  void aStretchEndsBetweenTwoSegmentsAndTheNextGoesOnThere() throws Exception {
    for (int segment = 0; segment < SEGMENTS; segment++) {
      copy("orders", 'A', segment);
    }
    BucketWalk.Stretch first = walk(null).from(null, 1);
    BucketWalk.Stretch second = walk(null).from(first.next(), 10);

    assertThat(first.requests()).isEqualTo(1);
    assertThat(first.copies()).hasSize(BucketWalk.PAGE_OBJECTS / 3);
    assertThat(first.copies().size() + second.copies().size()).isEqualTo(SEGMENTS);
    assertThat(second.next()).isNull();
  }

  @Test
  void oneTopicIsListedWithoutThoseWhoseNamesBeginAlike() throws Exception {
    copy("orders", 'A', 0);
    for (int segment = 0; segment < SEGMENTS; segment++) {
      copy("orders-Z", 'B', segment);
    }
    copy("orders", 'C', 5);

    RemoteSegmentListing listing = bucket.segments("orders", null, 100);

    assertThat(listing.next()).isNull();
    assertThat(listing.requests()).isLessThanOrEqualTo(2);
    assertThat(listing.segments())
        .extracting(RemoteSegmentListing.Segment::topicId)
        .containsExactly(id('A'), id('C'));
  }

  @Test
  void whatOthersWroteBelowThePrefixIsPassedOver() throws Exception {
    copy("orders", 'A', 0);
    for (int object = 0; object < BucketWalk.PAGE_OBJECTS; object++) {
      put(new ObjectKey(PREFIX + "/notes/" + object), 5);
    }
    put(new ObjectKey("elsewhere/x"), 5);

    BucketWalk.Stretch first = walk(null).from(null, 1);
    BucketWalk.Stretch second = walk(null).from(first.next(), 1);

    assertThat(first.copies().size() + second.copies().size()).isEqualTo(1);
    assertThat(second.next()).isNull();
  }

  @Test
  void anEmptyBucketHasNothing() throws Exception {
    assertThat(bucket.topics(null)).isEqualTo(new RemoteTopicListing(List.of(), 1, null));
    assertThat(bucket.segments("orders", null, 10).segments()).isEmpty();
  }

  private BucketWalk walk(@Nullable String topic) {
    return new BucketWalk(store, PREFIX + "/", topic, Integer.MAX_VALUE);
  }

  private static @Nullable ObjectKey key(@Nullable String text) {
    return text == null ? null : new ObjectKey(text);
  }

  private static String id(char letter) {
    return String.valueOf(letter).repeat(22);
  }

  private ObjectStem copy(String topic, char topicId, long baseOffset) throws StoreException {
    ObjectStem stem =
        new RemoteSegmentId(SegmentId.of(topic, 0, baseOffset), id(topicId), id('x')).stem(PREFIX);
    put(stem.log(), LOG_BYTES);
    put(stem.indexes(), INDEX_BYTES);
    put(stem.manifest(), MANIFEST_BYTES);
    return stem;
  }

  private void put(ObjectKey key, int bytes) throws StoreException {
    ByteBuffer body = ByteBuffer.allocate(bytes);
    store.put(key, body, Crc32c.of(body), PutOptions.BINARY);
  }
}
