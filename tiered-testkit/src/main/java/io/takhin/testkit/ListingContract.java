package io.takhin.testkit;

import static io.takhin.testkit.ContractSubject.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract's chapter on listings. */
interface ListingContract extends ContractSubject {
  /** In key order: '!' and '-' and '.' sort before '/', digits and letters behind it. */
  List<String> NAMES =
      List.of(
          "a!", "a-1/0.log", "a-10/0.log", "a-2/0.log", "a.txt", "a/0.log", "a/b/c", "a0", "b/0");

  @Test
  default void listsNothingWhereNothingIs() throws Exception {
    assertThat(store().list(prefix(), null, 10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 9, 1000})
  default void listsInKeyOrderPageByPage(int pageSize) throws Exception {
    // Given
    givenObjects();

    // When
    List<String> listed = new ArrayList<>();
    @Nullable ObjectKey after = null;
    for (List<StoredObject> page = store().list(prefix(), after, pageSize);
        !page.isEmpty();
        page = store().list(prefix(), after, pageSize)) {
      assertThat(page).hasSizeLessThanOrEqualTo(pageSize);
      page.forEach(object -> listed.add(name(object)));
      after = page.get(page.size() - 1).key();
    }

    // Then
    assertThat(listed).containsExactlyElementsOf(NAMES);
  }

  @Test
  default void listsByAPrefixThatEndsWithinAnElement() throws Exception {
    givenObjects();

    assertThat(names("a-1", null)).containsExactly("a-1/0.log", "a-10/0.log");
    assertThat(names("a/", null)).containsExactly("a/0.log", "a/b/c");
    assertThat(names("a/b/c", null)).containsExactly("a/b/c");
    assertThat(names("a/b/cd", null)).isEmpty();
  }

  @Test
  default void listsWhatComesAfterAKeyThatNeedNotExist() throws Exception {
    givenObjects();

    assertThat(names("", key("a.txt"))).containsExactly("a/0.log", "a/b/c", "a0", "b/0");
    assertThat(names("", key("a/a"))).containsExactly("a/b/c", "a0", "b/0");
    assertThat(names("a-", key("a-1/0.log"))).containsExactly("a-10/0.log", "a-2/0.log");
    assertThat(names("a/", key("a!"))).containsExactly("a/0.log", "a/b/c");
    assertThat(names("a", key("z"))).isEmpty();
  }

  @Test
  default void describesWhatItLists() throws Exception {
    // Given
    StoredObject put = put(key("object"), bytes(1_234, 30));

    // When
    List<StoredObject> page = store().list(prefix(), null, 10);

    // Then
    assertThat(page).hasSize(1);
    assertThat(page.get(0).key()).isEqualTo(key("object"));
    assertThat(page.get(0).sizeBytes()).isEqualTo(1_234);
    assertThat(page.get(0).etag()).isEqualTo(put.etag());
    assertThat(page.get(0).metadata()).isEmpty();
  }

  private void givenObjects() throws StoreException {
    for (String name : NAMES) {
      put(key(name), bytes(10, 31));
    }
  }

  private List<String> names(String prefix, @Nullable ObjectKey after) throws StoreException {
    return store().list(prefix() + prefix, after, 1000).stream().map(this::name).toList();
  }

  private String name(StoredObject object) {
    return object.key().value().substring(prefix().length());
  }
}
