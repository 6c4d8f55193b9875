package io.takhin.testkit.bucket;

import io.takhin.tiered.store.ObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Looks at the calls of a store's methods by name, and may answer some of them otherwise. */
final class StoreSpy {
  private final ObjectStore inner;
  private final Answer answer;
  private final ConcurrentLinkedQueue<String> calls = new ConcurrentLinkedQueue<>();

  /** Gives the result of a call, most often that of the store behind. */
  @FunctionalInterface
  interface Answer {
    @Nullable Object to(Method method, @Nullable Object[] arguments, Call inner) throws Throwable;
  }

  /** The call of the store behind. */
  @FunctionalInterface
  interface Call {
    @Nullable Object make() throws Throwable;
  }

  StoreSpy(ObjectStore inner, Answer answer) {
    this.inner = inner;
    this.answer = answer;
  }

  static StoreSpy counting(ObjectStore inner) {
    return new StoreSpy(inner, (method, arguments, call) -> call.make());
  }

  ObjectStore store() {
    return (ObjectStore)
        Proxy.newProxyInstance(
            ObjectStore.class.getClassLoader(),
            new Class<?>[] {ObjectStore.class},
            (proxy, method, arguments) -> {
              calls.add(method.getName());
              @Nullable Object[] given = Optional.ofNullable(arguments).orElse(new Object[0]);
              return answer.to(method, given, () -> invoke(method, arguments));
            });
  }

  private @Nullable Object invoke(Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(inner, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  /** How often these methods were called, all together. */
  long calls(String... methods) {
    List<String> names = Arrays.asList(methods);
    return calls.stream().filter(names::contains).count();
  }
}
