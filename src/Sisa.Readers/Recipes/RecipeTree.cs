using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sisa.Readers.Recipes;

/// <summary>Reads YAML into <see cref="RecipeNode"/>s.</summary>
/// <remarks>Of YAML a recipe needs maps, lists and values. Anchors, aliases and tags are refused, and depth is bounded, so that no file can
/// grow in memory or exhaust the stack.</remarks>
internal static class RecipeTree
{
    private const int MaxDepth = 16;
    private const int MaxNodes = 110_000;

    /// <summary>Reads a document.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="faults">Receives keys that are there twice.</param>
    /// <returns>The root; empty for an empty document.</returns>
    /// <exception cref="RecipeException">Not YAML, or more of it than a recipe needs.</exception>
    public static MapNode Read(string yaml, RecipeFaults faults)
    {
        var root = ReadNode(yaml, faults, isSet: false);
        return root switch
        {
            MapNode map => map,
            ScalarNode { IsNull: true } => new MapNode([], 1),
            _ => throw new RecipeException([$"{root.Origin}: found {root.Description}; a recipe is made of keys with values, such as 'name: news'."]),
        };
    }

    /// <summary>Reads the value of a key that is set apart from the file.</summary>
    /// <param name="yaml">The value.</param>
    /// <param name="faults">Receives keys that are there twice.</param>
    /// <exception cref="RecipeException">Not YAML.</exception>
    public static RecipeNode ReadValue(string yaml, RecipeFaults faults) => ReadNode(yaml, faults, isSet: true);

    private static RecipeNode ReadNode(string yaml, RecipeFaults faults, bool isSet)
    {
        try
        {
            // YamlDotNet 18.1.0 looks for the end of a directive forever where it is that of the text, and of 1024 characters.
            var parser = new Parser(new StringReader(yaml.EndsWith('\n') ? yaml : yaml + "\n"));
            parser.Consume<StreamStart>();
            if (parser.TryConsume<StreamEnd>(out _))
            {
                return new ScalarNode(string.Empty, IsQuoted: false, isSet ? null : 1);
            }

            parser.Consume<DocumentStart>();
            var reading = new Reading(parser, faults, isSet);
            var node = reading.Node(string.Empty, depth: 0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
            {
                throw new RecipeException([$"line {parser.Current?.Start.Line}: a second document begins; a recipe is one document."]);
            }

            return node;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The scanner's own ways of meeting some texts that are not YAML.
            throw new RecipeException([$"{(isSet ? string.Empty : "The file: ")}not valid YAML."], "Check for brackets and quotation marks that are not closed.");
        }
        catch (YamlException e)
        {
            throw new RecipeException([$"{(isSet ? string.Empty : $"line {e.Start.Line}: ")}not valid YAML: {YamlFault.Of(yaml, e.Start.Line)}."], "Check the line, and the indentation of the lines before it.");
        }
    }

    private sealed class Reading(Parser parser, RecipeFaults faults, bool isSet)
    {
        private int _nodes;

        public RecipeNode Node(string path, int depth)
        {
            var current = parser.Current ?? throw new YamlException("The document ends too early.");
            int? line = isSet ? null : (int)current.Start.Line;
            if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
            {
                throw Refused(line, "anchors and aliases (& and *)");
            }

            if (current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } })
            {
                throw Refused(line, "tags (!)");
            }

            if (depth > MaxDepth)
            {
                throw Refused(line, $"values nested deeper than {MaxDepth}");
            }

            if (++_nodes > MaxNodes)
            {
                throw Refused(line, $"more than {MaxNodes} values");
            }

            if (parser.TryConsume<Scalar>(out var scalar))
            {
                return new ScalarNode(scalar.Value, scalar.Style != ScalarStyle.Plain, line);
            }

            if (parser.TryConsume<SequenceStart>(out _))
            {
                var items = new List<RecipeNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    items.Add(Node(path, depth + 1));
                }

                return new ListNode(items, line);
            }

            parser.Consume<MappingStart>();
            var entries = new List<KeyValuePair<string, RecipeNode>>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                if (Node(path, depth + 1) is not ScalarNode key)
                {
                    throw Refused(line, "keys that are lists or maps");
                }

                var keyPath = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
                var value = Node(keyPath, depth + 1);
                if (seen.Add(key.Value))
                {
                    entries.Add(new(key.Value, value));
                }
                else
                {
                    faults.Add(keyPath, key, "the key occurs twice.");
                }
            }

            return new MapNode(entries, line);
        }

        private static RecipeException Refused(int? line, string what) =>
            new([$"{(line is { } number ? $"line {number}: " : string.Empty)}a recipe has no {what}."]);
    }
}
