package io.takhin.console.operation;

import io.takhin.tiered.Deletions.Undeletion;
import java.util.List;

/**
 * What came of an undeletion, in a REST answer.
 *
 * @param problems of the first that could not be brought back
 */
record UndeletionDetail(int restored, int failed, List<String> problems) {
  static UndeletionDetail of(Undeletion undeletion) {
    return new UndeletionDetail(undeletion.restored(), undeletion.failed(), undeletion.problems());
  }
}
