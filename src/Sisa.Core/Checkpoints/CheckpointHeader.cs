using System.Globalization;
using System.Text.Json;
using Sisa.Records;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Checkpoints;

/// <summary>The description of a checkpoint, kept in the metadata of its safetensors file.</summary>
/// <remarks>Immutable. A function of the recipe, the assignment key, the items of slices ≤ k and the environment; no time, no
/// path, no request, no epoch of the bundle.</remarks>
public sealed record CheckpointHeader
{
    private const string FormatName = "sisa-checkpoint-1";

    /// <summary>Ten times what the lineage of as many slices takes as a recipe can declare.</summary>
    private const int MaxLineageLength = 1 << 20;

    /// <summary>See <see cref="RecipeJson.RecipeDigest"/>; a checkpoint of another recipe is refused.</summary>
    public required Digest Recipe { get; init; }

    /// <summary>The shard.</summary>
    public required ShardId Shard { get; init; }

    /// <summary>The slices it saw; its stage is <see cref="Checkpoints.Lineage.Stage"/>.</summary>
    public required Lineage Lineage { get; init; }

    /// <summary>Where it was trained.</summary>
    public required EnvironmentFingerprint Environment { get; init; }

    /// <summary>The stage at whose end it was written.</summary>
    public SliceIndex Stage => Lineage.Stage;

    /// <summary>The metadata of the safetensors header, in the fixed order in which it is written.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ToMetadata() =>
    [
        new("format", FormatName),
        new("recipe", Recipe.ToString()),
        new("shard", Shard.Value.ToString(CultureInfo.InvariantCulture)),
        new("stage", Stage.Value.ToString(CultureInfo.InvariantCulture)),
        new("lineage", RecordJson.Write(Lineage.Slices)),
        new("environment", Environment.ToJson()),
    ];

    /// <summary>Reads the metadata of a checkpoint file.</summary>
    /// <param name="metadata">Metadata of the safetensors header.</param>
    /// <param name="source">Name of the file, for messages.</param>
    /// <exception cref="StoreException">A key is missing or malformed, or the file is not a checkpoint of this version.</exception>
    public static CheckpointHeader FromMetadata(IReadOnlyDictionary<string, string> metadata, string source)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        try
        {
            if (metadata.GetValueOrDefault("format") != FormatName)
            {
                throw new StoreException(
                    $"Checkpoint {source} has format '{metadata.GetValueOrDefault("format")}', expected '{FormatName}'.",
                    "Use the version of Sisa that wrote it.");
            }

            var header = new CheckpointHeader
            {
                Recipe = Digest.Parse(metadata["recipe"]),
                Shard = new ShardId(int.Parse(metadata["shard"], CultureInfo.InvariantCulture)),
                Lineage = ParseLineage(metadata["lineage"]),
                Environment = EnvironmentFingerprint.FromJson(metadata["environment"]),
            };
            var stage = int.Parse(metadata["stage"], CultureInfo.InvariantCulture);
            return stage == header.Stage.Value
                ? header
                : throw new MalformedException($"stage {stage} does not match a lineage of {header.Stage.Value} slices");
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or JsonException or OverflowException)
        {
            throw new StoreException($"Checkpoint {source} has an unreadable header: {PlainReason.Of(e)}.", $"Run {Step.Recover}; the stage is trained again.", e);
        }
    }

    private static Lineage ParseLineage(string json) => json.Length <= MaxLineageLength
        ? new Lineage(RecordJson.Read<SliceRoot[]>(json))
        : throw new MalformedException($"a lineage of {json.Length} characters, expected at most {MaxLineageLength}");
}
