/**
 * Turns the configuration file and the environment into typed, immutable records.
 *
 * <p>This is the first step of every command: {@link io.takhin.config.TakhinConfig#load} reads YAML
 * and {@code TAKHIN_*} variables, checks every value against the declarations in {@code
 * ConfigKeys}, and either returns one {@link io.takhin.config.TakhinConfig} or throws one {@link
 * io.takhin.config.ConfigException} that names everything that is wrong. The package imports
 * SnakeYAML and nothing of ours; the broker translates these records into the settings of the
 * modules it wires.
 */
@NullMarked
package io.takhin.config;

import org.jspecify.annotations.NullMarked;
