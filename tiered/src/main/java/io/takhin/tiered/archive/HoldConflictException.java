package io.takhin.tiered.archive;

/**
 * A hold cannot be set or released now: another of its name keeps something else, somebody changes
 * it at this moment, or there are too many.
 */
public final class HoldConflictException extends Exception {
  HoldConflictException(String name, String why) {
    super("hold cannot be changed: hold=" + name + " reason=" + why);
  }
}
