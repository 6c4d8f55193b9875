package io.takhin.kafka.jmx;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.NamingConvention;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.util.HashMap;
import java.util.Map;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the meters of a registry as MBeans, those that come later too: {@code
 * io.takhin.kafka:type=metrics,broker=<id>,name=<name>} and a key for each label, with the names
 * that {@code /metrics} has. A registry that bounds its series bounds the beans.
 *
 * <p>Any thread. A meter that cannot be shown is logged and does no harm.
 */
public final class MeterBeans implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MeterBeans.class);
  private static final String DOMAIN = "io.takhin.kafka";
  private static final NamingConvention NAMES = new PrometheusNamingConvention();

  private static final String TOTAL = "_total";

  /** Promised without the ending that other counters have. */
  private static final String UPLOADED = "tiered_storage_s3_bytes_uploaded";

  private final MBeanServer server;
  private final int brokerId;

  @GuardedBy("shown")
  private final Map<Meter.Id, ObjectName> shown = new HashMap<>();

  @GuardedBy("shown")
  private boolean closed;

  private MeterBeans(MBeanServer server, int brokerId) {
    this.server = server;
    this.brokerId = brokerId;
  }

  /**
   * Shows what there is, and what comes, until it is closed.
   *
   * @param brokerId tells the plugins of one JVM apart
   */
  public static MeterBeans of(MeterRegistry meters, MBeanServer server, int brokerId) {
    MeterBeans beans = new MeterBeans(server, brokerId);
    meters.config().onMeterAdded(beans::show).onMeterRemoved(beans::hide);
    meters.getMeters().forEach(beans::show);
    return beans;
  }

  private void show(Meter meter) {
    synchronized (shown) {
      if (closed || !isOurs(meter) || shown.containsKey(meter.getId())) {
        return;
      }
      try {
        ObjectName name = name(meter.getId());
        server.registerMBean(new MeterBean(meter), name);
        shown.put(meter.getId(), name);
      } catch (JMException e) {
        LOG.warn(
            "meter_not_shown meter={} action=\"look at it in /metrics of the console\"",
            meter.getId(),
            e);
      }
    }
  }

  /** Those of the JVM have beans of their own. */
  private static boolean isOurs(Meter meter) {
    String name = meter.getId().getName();
    return name.startsWith("tiered") || name.startsWith("takhin");
  }

  private ObjectName name(Meter.Id id) throws MalformedObjectNameException {
    StringBuilder text = new StringBuilder(DOMAIN);
    text.append(":type=metrics,broker=").append(brokerId);
    text.append(",name=").append(scraped(id));
    for (Tag tag : id.getTags()) {
      text.append(',').append(NAMES.tagKey(tag.getKey()));
      text.append('=').append(quotedIfNeeded(NAMES.tagValue(tag.getValue())));
    }
    return new ObjectName(text.toString());
  }

  /** The scrape's client gives counters their ending; the convention alone does not. */
  private static String scraped(Meter.Id id) {
    String name = NAMES.name(id.getName(), id.getType(), id.getBaseUnit());
    boolean isBare =
        id.getType() == Meter.Type.COUNTER && !name.equals(UPLOADED) && !name.endsWith(TOTAL);
    return isBare ? name + TOTAL : name;
  }

  private static String quotedIfNeeded(String value) {
    return value.matches("[a-zA-Z0-9._-]+") ? value : ObjectName.quote(value);
  }

  private void hide(Meter meter) {
    synchronized (shown) {
      ObjectName name = shown.remove(meter.getId());
      if (name != null) {
        unregister(name);
      }
    }
  }

  private void unregister(ObjectName name) {
    try {
      server.unregisterMBean(name);
    } catch (JMException e) {
      LOG.debug("meter_not_hidden name={}", name, e);
    }
  }

  @Override
  public void close() {
    synchronized (shown) {
      closed = true;
      shown.values().forEach(this::unregister);
      shown.clear();
    }
  }
}
