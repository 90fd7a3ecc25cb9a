using System.Text;
using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Records;
using Sisa.Training;

namespace Sisa.Engine.Training;

/// <summary>What a worker tells on its standard output, one JSON object a line; exactly one member is set.</summary>
/// <remarks>A worker reads paths of job files from its arguments or, launched by a coordinator, from its standard input, one a line; a
/// line <c>recipe JSON</c> says for what to load libtorch, the line <c>stop</c> ends the shard in hand, and the end of the input ends the worker. Both directions are UTF-8
/// without a byte-order mark, whatever the locale: paths are in them.</remarks>
public sealed record WorkerMessage
{
    /// <summary>The encoding of both directions.</summary>
    public static Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The input line that ends the shard in hand.</summary>
    public const string Stop = "stop";

    /// <summary>Starts the input line that carries the recipe as JSON, so that libtorch is loaded for it before the first job comes.</summary>
    public const string RecipePrefix = "recipe ";

    /// <summary>First message for a recipe: where the worker trains.</summary>
    public EnvironmentFingerprint? Ready { get; init; }

    /// <summary>A stage got on.</summary>
    public StageProgress? Progress { get; init; }

    /// <summary>A stage ended; its checkpoint is durable.</summary>
    public StageResult? Stage { get; init; }

    /// <summary>The job ended.</summary>
    public JobEnd? End { get; init; }

    /// <summary>Writes the message as one line.</summary>
    public string ToLine() => RecordJson.Write(this);

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line.</param>
    /// <exception cref="JsonException">Not a message.</exception>
    public static WorkerMessage FromLine(string line) => RecordJson.Read<WorkerMessage>(line);
}

/// <summary>How a job ended.</summary>
/// <param name="Error">What went wrong, or <see langword="null"/>.</param>
/// <param name="Hint">The remedy.</param>
/// <param name="ExitCode">Exit code that fits the error.</param>
public sealed record JobEnd(string? Error = null, string? Hint = null, ExitCode ExitCode = ExitCode.Done);
