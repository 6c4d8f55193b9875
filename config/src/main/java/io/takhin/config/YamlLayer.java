package io.takhin.config;

import java.io.StringReader;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads a YAML document into a {@link Layer}. It walks the composed nodes and never constructs
 * objects from them, so tags cannot name classes; it enters every mapping once, so aliases cannot
 * multiply work; and the nodes know their lines.
 */
final class YamlLayer {

  /** Far above any real configuration. */
  static final int MAX_CHARACTERS = 1 << 20;

  private static final Set<Tag> PLAIN_TAGS =
      Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.TIMESTAMP);

  private final String source;
  private final Layer layer;
  private final Set<Node> entered = Collections.newSetFromMap(new IdentityHashMap<>());

  private YamlLayer(String source, Layer layer) {
    this.source = source;
    this.layer = layer;
  }

  /**
   * @param source names the document in problems
   */
  static Layer read(String source, String yaml, List<ConfigProblem> problems) {
    Layer layer = new Layer(problems);
    new YamlLayer(source, layer).document(yaml);
    return layer;
  }

  private void document(String yaml) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_CHARACTERS);
    Node root;
    try {
      root = new Yaml(new SafeConstructor(options)).compose(new StringReader(yaml));
    } catch (MarkedYAMLException e) {
      // Not e.getMessage(), which quotes the surrounding lines and with them perhaps a secret.
      String place = e.getProblemMark() == null ? source : at(e.getProblemMark().getLine());
      layer.report(place, "", "not valid YAML: " + e.getProblem());
      return;
    } catch (YAMLException e) {
      layer.report(source, "", "not valid YAML: " + e.getMessage());
      return;
    }
    if (root != null && !isNull(root)) {
      section("", root);
    }
  }

  private void section(String path, Node node) {
    if (isNull(node)) {
      // A heading whose keys are all commented out.
      return;
    }
    if (!(node instanceof MappingNode mapping) || !mapping.getTag().equals(Tag.MAP)) {
      String examples = String.join(", ", KeyNames.examplesIn(path));
      layer.report(
          at(node),
          path,
          path.isEmpty()
              ? "expected keys at the top level, got " + kindOf(node)
              : "expected keys below it, such as %s, got %s".formatted(examples, kindOf(node)));
      return;
    }
    if (!entered.add(mapping)) {
      layer.report(at(node), path, "aliases of sections are not supported; write the keys out");
      return;
    }
    Map<String, String> headings = new HashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      entry(path, tuple, headings);
    }
  }

  private void entry(String path, NodeTuple tuple, Map<String, String> headings) {
    Node keyNode = tuple.getKeyNode();
    Node value = tuple.getValueNode();
    if (!(keyNode instanceof ScalarNode scalar) || isNull(keyNode)) {
      layer.report(at(keyNode), path, "expected a name before the colon, got " + kindOf(keyNode));
      return;
    }
    String name = path.isEmpty() ? scalar.getValue() : path + "." + scalar.getValue();
    ConfigKey<?> key = KeyNames.find(name).orElse(null);
    if (key != null) {
      value(key, name, value, at(keyNode));
    } else if (KeyNames.isSection(name)) {
      String first = headings.putIfAbsent(scalar.getValue(), at(keyNode));
      if (first != null) {
        layer.report(at(keyNode), name, "section given twice; first at " + first);
      }
      section(name, value);
    } else if (value instanceof MappingNode) {
      layer.unknown(at(keyNode), name, "section", KeyNames.nearestSections(name));
    } else {
      layer.unknown(at(keyNode), name, "key", KeyNames.nearestKeys(name));
    }
  }

  private void value(ConfigKey<?> key, String name, Node node, String origin) {
    if (node instanceof ScalarNode scalar && PLAIN_TAGS.contains(node.getTag())) {
      layer.put(key, name, isNull(node) ? "" : scalar.getValue(), origin);
    } else {
      layer.reject(key, name, kindOf(node), origin);
    }
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  private static String kindOf(Node node) {
    return switch (node.getNodeId()) {
      case mapping -> node.getTag().equals(Tag.MAP) ? "a section" : "the tag " + node.getTag();
      case sequence -> node.getTag().equals(Tag.SEQ) ? "a list" : "the tag " + node.getTag();
      default -> PLAIN_TAGS.contains(node.getTag()) ? "a value" : "the tag " + node.getTag();
    };
  }

  private String at(Node node) {
    return at(node.getStartMark().getLine());
  }

  /** SnakeYAML counts from zero, editors count from one. */
  private String at(int line) {
    return source + ":" + (line + 1);
  }
}
