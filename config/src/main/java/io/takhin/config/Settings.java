package io.takhin.config;

import io.takhin.config.Layer.Setting;
import java.util.List;
import java.util.Optional;

/** The layers, strongest first, above the defaults. */
final class Settings {

  private final List<Layer> layers;

  Settings(List<Layer> strongestFirst) {
    this.layers = List.copyOf(strongestFirst);
  }

  /** The value that holds. A value that was rejected falls through to a weaker layer. */
  <T> T get(ConfigKey<T> key) {
    return key.type().parse(setting(key).text()).orElseThrow();
  }

  Setting setting(ConfigKey<?> key) {
    return layers.stream()
        .map(layer -> layer.find(key))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseGet(() -> new Setting(key.defaultText(), "default"));
  }

  /** Whether what holds is what the operator wrote, and not what took a rejected value's place. */
  boolean isSound(ConfigKey<?> key) {
    return layers.stream()
        .filter(layer -> layer.mentions(key))
        .findFirst()
        .map(layer -> layer.find(key).isPresent())
        .orElse(true);
  }
}
