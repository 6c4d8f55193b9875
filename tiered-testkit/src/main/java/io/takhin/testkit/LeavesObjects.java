package io.takhin.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says of a test, or of all tests of a class, that objects remain in the bucket which no manifest
 * names, and why that is right; see {@link NoOrphans}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface LeavesObjects {
  /** Why they may remain. */
  String value();

  /** Whether uploads may be pending as well. */
  boolean uploads() default false;
}
