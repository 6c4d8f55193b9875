package io.takhin.kafka.node;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Runs within a node, where the AWS SDK of the plugin finds it as it finds interceptors that
 * operators bring, and by the plugin's class loader: the first request for each kind of a segment's
 * objects ends in an {@link Error} of the JVM's own, on the thread that copies. What it did is in
 * the node's log.
 */
public final class ErrorsInPuts implements ExecutionInterceptor {
  /** Begins each line that tells of one. */
  static final String FIRED = "error_in_put";

  private final Set<Kind> fired = ConcurrentHashMap.newKeySet();

  /** An object, and what becomes of the first request for one. */
  private enum Kind {
    LOG(".log") {
      @Override
      void fail() {
        long[] more = new long[Integer.MAX_VALUE - 8];
        throw new IllegalStateException("there was memory for it: " + more.length);
      }
    },
    INDEXES(".indexes") {
      @Override
      void fail() {
        Object unused = depth(0);
      }

      private int depth(int above) {
        return above < 0 ? above : depth(above + 1) + 1;
      }
    },
    MANIFEST(".manifest.json") {
      @Override
      void fail() {
        throw new AssertionError("of a test");
      }
    };

    private final String ending;

    Kind(String ending) {
      this.ending = ending;
    }

    abstract void fail();
  }

  /** For the SDK. */
  public ErrorsInPuts() {}

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    if (context.request() instanceof PutObjectRequest put) {
      Arrays.stream(Kind.values())
          .filter(kind -> put.key().endsWith(kind.ending) && fired.add(kind))
          .forEach(ErrorsInPuts::fail);
    }
  }

  private static void fail(Kind kind) {
    try {
      kind.fail();
    } catch (Error e) {
      System.out.println(FIRED + " object=" + kind + " error=" + e);
      throw e;
    }
  }
}
