using System.Text;
using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Records;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Engine.Training;

/// <summary>A message of a worker on its standard output, one JSON object a line; exactly one member is set.</summary>
/// <remarks>A worker reads paths of job files from its arguments or, launched by a coordinator, from its standard input, one a line; a line <c>group JSON</c> has several, to be
/// trained at once, and they end together. A line <c>recipe JSON</c> says for what to load libtorch, a line <c>stop SHARD</c> ends that shard of those in hand, and the end of the
/// input ends the worker. Both directions are UTF-8 without a byte-order mark, whatever the locale: paths are in them.</remarks>
public sealed record WorkerMessage
{
    /// <summary>The encoding of both directions.</summary>
    public static Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Starts the input line that ends a shard in hand, and carries its name.</summary>
    public const string StopPrefix = "stop ";

    /// <summary>Starts the input line that carries the paths of several job files, as a JSON array.</summary>
    public const string GroupPrefix = "group ";

    /// <summary>Starts the input line that carries the recipe as JSON, so that libtorch is loaded for it before the first job comes.</summary>
    public const string RecipePrefix = "recipe ";

    /// <summary>First message for a recipe: where the worker trains.</summary>
    public EnvironmentFingerprint? Ready { get; init; }

    /// <summary>A stage got on.</summary>
    public StageProgress? Progress { get; init; }

    /// <summary>A stage ended; its checkpoint is durable.</summary>
    public StageResult? Stage { get; init; }

    /// <summary>The job ended, or all jobs of a group.</summary>
    public JobEnd? End { get; init; }

    /// <summary>The input line that ends a shard in hand.</summary>
    /// <param name="shard">The shard.</param>
    public static string Stop(ShardId shard) => StopPrefix + shard;

    /// <summary>The input line that hands out job files.</summary>
    /// <param name="paths">Their paths, at least one.</param>
    public static string Assignment(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return paths.Count == 1 ? paths[0] : GroupPrefix + RecordJson.Write(paths);
    }

    /// <summary>The job files of an input line.</summary>
    /// <param name="line">Output of <see cref="Assignment"/>.</param>
    /// <exception cref="JsonException">A group that is not an array of strings.</exception>
    public static IReadOnlyList<string> Paths(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.StartsWith(GroupPrefix, StringComparison.Ordinal)
            ? RecordJson.Read<string[]>(line[GroupPrefix.Length..])
            : [line];
    }

    /// <summary>Writes the message as one line.</summary>
    public string ToLine() => RecordJson.Write(this);

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line.</param>
    /// <exception cref="JsonException">Not a message.</exception>
    public static WorkerMessage FromLine(string line) => RecordJson.Read<WorkerMessage>(line);
}

/// <summary>How a job, or a group of them, ended.</summary>
/// <param name="Error">The error, or <see langword="null"/>.</param>
/// <param name="Remedy">Its remedy.</param>
/// <param name="Kind">The kind of the fault; <see langword="null"/> without one.</param>
/// <param name="Divergence">Where training diverged, if that is the error.</param>
public sealed record JobEnd(string? Error = null, IReadOnlyList<RemedyPart>? Remedy = null, FaultKind? Kind = null, Divergence? Divergence = null);
