package io.takhin.kafka.jmx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import javax.management.Attribute;
import javax.management.AttributeNotFoundException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.ReflectionException;
import org.junit.jupiter.api.Test;

class MeterBeansTest {
  private final MBeanServer server = MBeanServerFactory.newMBeanServer();
  private final MeterRegistry meters = new SimpleMeterRegistry();

  @Test
  void metersHaveTheNamesOfTheScrape() throws Exception {
    meters.counter("takhin_kafka_deletes", "outcome", "done").increment(3);
    meters.timer("takhin_kafka_calls", "call", "copy").record(Duration.ofMillis(1500));
    meters.counter("tiered_storage_s3_bytes_uploaded").increment(5);
    meters.gauge("jvm.memory.used", 1);

    try (MeterBeans beans = MeterBeans.of(meters, server, 7)) {
      assertThat(beans).isNotNull();
      assertThat(names())
          .containsExactlyInAnyOrder(
              "takhin_kafka_deletes_total",
              "takhin_kafka_calls_seconds",
              "tiered_storage_s3_bytes_uploaded");
      assertThat(value("takhin_kafka_deletes_total,outcome=done", "Count")).isEqualTo(3.0);
      assertThat(value("takhin_kafka_calls_seconds,call=copy", "Count")).isEqualTo(1.0);
      assertThat(value("takhin_kafka_calls_seconds,call=copy", "TotalTime")).isEqualTo(1.5);
      assertThat(value("takhin_kafka_calls_seconds,call=copy", "Max")).isEqualTo(1.5);
    }
  }

  @Test
  void metersThatComeAreShownAndThoseThatGoAreNot() throws Exception {
    try (MeterBeans beans = MeterBeans.of(meters, server, 7)) {
      assertThat(beans).isNotNull();
      Counter late = meters.counter("takhin_late", "topic", "a,b=\"c\"*");
      assertThat(names()).containsExactly("takhin_late_total");

      meters.remove(late);
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void twoPluginsOfOneProcessDoNotMeet() throws Exception {
    meters.counter("takhin_x");
    MeterRegistry others = new SimpleMeterRegistry();
    others.counter("takhin_x");
    MeterBeans one = MeterBeans.of(meters, server, 1);
    MeterBeans other = MeterBeans.of(others, server, 2);

    one.close();

    assertThat(server.queryNames(new ObjectName("io.takhin.kafka:broker=1,*"), null)).isEmpty();
    assertThat(server.queryNames(new ObjectName("io.takhin.kafka:broker=2,*"), null)).hasSize(1);
    other.close();
  }

  @Test
  void afterTheEndNothingIsShown() throws Exception {
    meters.counter("takhin_x");
    MeterBeans beans = MeterBeans.of(meters, server, 1);

    beans.close();
    meters.counter("takhin_later");

    assertThat(names()).isEmpty();
  }

  @Test
  void nothingCanBeChanged() throws Exception {
    meters.counter("takhin_x");
    try (MeterBeans beans = MeterBeans.of(meters, server, 7)) {
      assertThat(beans).isNotNull();
      ObjectName name = bean("takhin_x_total");

      assertThatThrownBy(() -> server.setAttribute(name, new Attribute("Count", 1.0)))
          .isInstanceOf(ReflectionException.class);
      assertThatThrownBy(() -> server.invoke(name, "reset", new Object[0], new String[0]))
          .isInstanceOf(ReflectionException.class);
      assertThatThrownBy(() -> server.getAttribute(name, "Max"))
          .isInstanceOf(AttributeNotFoundException.class);
      assertThat(server.getMBeanInfo(name).getAttributes()).hasSize(1);
    }
  }

  private Set<String> names() throws Exception {
    Set<String> names = new TreeSet<>();
    for (ObjectName found : server.queryNames(new ObjectName("io.takhin.kafka:*"), null)) {
      names.add(found.getKeyProperty("name"));
    }
    return names;
  }

  private Object value(String name, String attribute) throws Exception {
    return server.getAttribute(bean(name), attribute);
  }

  private static ObjectName bean(String name) throws Exception {
    return new ObjectName("io.takhin.kafka:type=metrics,broker=7,name=" + name);
  }
}
