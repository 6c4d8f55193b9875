package io.takhin.kafka.jmx;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Statistic;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanConstructorInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanNotificationInfo;
import javax.management.MBeanOperationInfo;
import javax.management.ReflectionException;

/** One meter, with an attribute for each thing it measures. Nothing can be changed or invoked. */
final class MeterBean implements DynamicMBean {
  /** What a meter measures → the attribute's name. Times are in seconds. */
  private static final Map<Statistic, String> NAMES =
      new EnumMap<>(
          Map.of(
              Statistic.VALUE, "Value",
              Statistic.COUNT, "Count",
              Statistic.TOTAL, "Total",
              Statistic.TOTAL_TIME, "TotalTime",
              Statistic.MAX, "Max"));

  private final Meter meter;

  MeterBean(Meter meter) {
    this.meter = meter;
  }

  @Override
  public Object getAttribute(String name) throws AttributeNotFoundException {
    return value(name)
        .orElseThrow(
            () ->
                new AttributeNotFoundException(
                    "no such attribute: meter=" + meter.getId().getName() + " attribute=" + name));
  }

  private Optional<Double> value(String name) {
    for (Measurement measurement : meter.measure()) {
      if (name.equals(NAMES.get(measurement.getStatistic()))) {
        return Optional.of(measurement.getValue());
      }
    }
    return Optional.empty();
  }

  @Override
  public AttributeList getAttributes(String[] names) {
    AttributeList found = new AttributeList();
    for (String name : names) {
      value(name).ifPresent(value -> found.add(new Attribute(name, value)));
    }
    return found;
  }

  @Override
  public void setAttribute(Attribute attribute) throws ReflectionException {
    throw readOnly();
  }

  @Override
  public AttributeList setAttributes(AttributeList attributes) {
    return new AttributeList(); // None of them was set.
  }

  @Override
  public Object invoke(String action, Object[] parameters, String[] signature)
      throws ReflectionException {
    throw readOnly();
  }

  private ReflectionException readOnly() {
    return new ReflectionException(
        new UnsupportedOperationException("read only: meter=" + meter.getId().getName()));
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    String text = meter.getId().getDescription();
    String description = text == null ? meter.getId().getName() : text;
    MBeanAttributeInfo[] attributes =
        StreamSupport.stream(meter.measure().spliterator(), false)
            .map(Measurement::getStatistic)
            .filter(NAMES::containsKey)
            .map(NAMES::get)
            .distinct()
            .map(
                name ->
                    new MBeanAttributeInfo(
                        name, Double.class.getName(), description, true, false, false))
            .toArray(MBeanAttributeInfo[]::new);
    return new MBeanInfo(
        MeterBean.class.getName(),
        description,
        attributes,
        new MBeanConstructorInfo[0],
        new MBeanOperationInfo[0],
        new MBeanNotificationInfo[0]);
  }
}
