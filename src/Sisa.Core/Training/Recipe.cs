using System.Text.Json.Serialization;
using Sisa.Aggregation;
using Sisa.Corpora;
using Sisa.Models;

namespace Sisa.Training;

/// <summary>Everything declared about an ensemble: <c>sisa.yaml</c>, resolved, with every default filled in.</summary>
/// <remarks>Immutable. Validated once, when it is read; whoever holds a <see cref="Recipe"/> may rely on it. Keys that influence
/// weights enter <see cref="RecipeJson.RecipeDigest"/>; the others (name, aggregation, evaluation, requests, issuer) do not.</remarks>
public sealed record Recipe
{
    /// <summary>Name of the ensemble, for people.</summary>
    public string Name { get; init; } = "ensemble";

    /// <summary>How corpus files are read.</summary>
    public CorpusOptions Corpus { get; init; } = new();

    /// <summary>The learning task.</summary>
    public TaskKind Task { get; init; } = TaskKind.Classify;

    /// <summary>The labels, declared and never discovered (rule E5); a label's index is its position here.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>How an item's payload becomes numbers; declared, never learnt (rule E5).</summary>
    public FeatureOptions Features { get; init; } = new();

    /// <summary>Shards, slices and how items are assigned to them.</summary>
    public EnsembleOptions Ensemble { get; init; } = new();

    /// <summary>The constituent model.</summary>
    public ModelOptions Model { get; init; } = new MlpOptions();

    /// <summary>How a constituent is trained.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>How constituents' outputs are joined.</summary>
    public AggregationRule Aggregation { get; init; } = AggregationRule.MeanProbability;

    /// <summary>Whether weights may depend on the physical CPU (rule E7).</summary>
    public NumericProfile Numerics { get; init; } = NumericProfile.Native;

    /// <summary>Held-out data for the utility figures.</summary>
    public EvaluationOptions Evaluation { get; init; } = new();

    /// <summary>Deadlines and batching of erasure requests.</summary>
    public RequestOptions Requests { get; init; } = new();

    /// <summary>The issuer that certificates name. Not part of the recipe digest, because no weight depends on it. Omitted from stored recipes without an issuer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IssuerOptions? Issuer { get; init; }

    /// <summary>Keys whose values were proposed from a look at the data (<c>sisa init --inspect</c>); certificates name them.</summary>
    public IReadOnlyList<string> DeclaredAfterInspection { get; init; } = [];

    /// <summary>Whether items are texts: then texts can be searched for and spans of them forgotten.</summary>
    [JsonIgnore]
    public bool HasText => Features.Text is not null || Model is SequenceModelOptions;

    /// <summary>Folder of the files of a base or a tokenizer on this machine; not part of the declaration.</summary>
    [JsonIgnore]
    public string? BaseFolder { get; init; }
}

/// <summary>The tasks of a constituent.</summary>
public enum TaskKind
{
    /// <summary>One of the declared labels per item.</summary>
    Classify,

    /// <summary>The next token of a text.</summary>
    LanguageModel,
}

/// <summary>How corpus files are read.</summary>
public sealed record CorpusOptions
{
    /// <summary>Format of the files; <see langword="null"/> to take it from each file's name.</summary>
    public CorpusFormat? Format { get; init; }

    /// <summary>Which field of a row means what.</summary>
    public FieldOptions Fields { get; init; } = new();

    /// <summary>Plain text: whether an item is a line or a whole file.</summary>
    public TextUnit TextUnit { get; init; } = TextUnit.Line;

    /// <summary>CSV: the delimiter, one character; always a tab for <c>.tsv</c> files.</summary>
    public string Delimiter { get; init; } = ",";

    /// <summary>CSV: whether the first line names the columns; without it they are <c>c1</c>, <c>c2</c>, ….</summary>
    public bool Header { get; init; } = true;

    /// <summary>IDX: name of the images' file that <see cref="LabelsFile"/> belongs to, or <see langword="null"/> for every images'
    /// file.</summary>
    public string? ImagesFile { get; init; }

    /// <summary>IDX: file of the labels that belong to the images, relative to the images' folder; or <see langword="null"/>
    /// to derive it from the images' name (<c>images-idx3</c> → <c>labels-idx1</c>).</summary>
    public string? LabelsFile { get; init; }

    /// <summary>Longest field that is believed, in bytes of UTF-8.</summary>
    public int MaxFieldBytes { get; init; } = 4 * 1024 * 1024;
}

/// <summary>The unit of plain text that is one item.</summary>
public enum TextUnit
{
    /// <summary>Each non-empty line.</summary>
    Line,

    /// <summary>Each file.</summary>
    File,
}

/// <summary>How the fields of a role that has several become one text.</summary>
public enum FieldJoining
{
    /// <summary>Without escapes: fields that contain the joint can collide. The rule of older stores.</summary>
    Plain,

    /// <summary>With backslashes before joints that belong to the data: different fields never collide.</summary>
    Escaped,
}

/// <summary>Which field of a row means what. A role that takes several fields joins them in the order given.</summary>
public sealed record FieldOptions
{
    /// <summary>Fields of the item's id, joined by <c>/</c>; none means file name and row number.</summary>
    public IReadOnlyList<string> Id { get; init; } = [];

    /// <summary>Fields of the subject, joined by <c>/</c>; none means the item's id.</summary>
    public IReadOnlyList<string> Subject { get; init; } = [];

    /// <summary>Fields of the text, joined by a line feed.</summary>
    public IReadOnlyList<string> Text { get; init; } = [];

    /// <summary>How the fields of a role are joined. Recipes of older stores lack it, and so do recipes that join nothing, so their digest stays the same.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FieldJoining Joining { get; init; }

    /// <summary>Whether a role has several fields.</summary>
    [JsonIgnore]
    public bool JoinsSeveral => Id.Count > 1 || Subject.Count > 1 || Text.Count > 1;

    /// <summary>Field of the label.</summary>
    public string? Label { get; init; }

    /// <summary>Field of the risk class.</summary>
    public string? Risk { get; init; }

    /// <summary>Field of the arrival batch.</summary>
    public string? Batch { get; init; }
}

/// <summary>How an item's payload becomes numbers. Either text, or pixels, or any mix of numbers, categories and one vector.</summary>
public sealed record FeatureOptions
{
    /// <summary>Text fields as token numbers, or <see langword="null"/>.</summary>
    public TextFeature? Text { get; init; }

    /// <summary>Pixels of an IDX image, or <see langword="null"/>.</summary>
    public PixelFeature? Pixels { get; init; }

    /// <summary>Number fields, each scaled from its declared range to [0, 1].</summary>
    public IReadOnlyList<NumberFeature> Numbers { get; init; } = [];

    /// <summary>Category fields, hashed into buckets, or <see langword="null"/>.</summary>
    public CategoryFeature? Categories { get; init; }

    /// <summary>One array field, or <see langword="null"/>.</summary>
    public VectorFeature? Vector { get; init; }
}

/// <summary>A number field with its declared range.</summary>
/// <param name="Field">Name of the field.</param>
/// <param name="Min">Value that becomes 0.</param>
/// <param name="Max">Value that becomes 1; above <paramref name="Min"/>.</param>
/// <param name="Missing">Value taken where the field is empty, or <see langword="null"/> to refuse such a row.</param>
public sealed record NumberFeature(string Field, double Min, double Max, double? Missing = null);

/// <summary>Category fields: each pair of field name and value is hashed to one of the buckets, which becomes 1.</summary>
/// <param name="Fields">Names of the fields; an empty value is a category of its own.</param>
/// <param name="Buckets">Number of buckets, shared by all fields.</param>
public sealed record CategoryFeature(IReadOnlyList<string> Fields, int Buckets);

/// <summary>An array of numbers in one field.</summary>
/// <param name="Field">Name of the field.</param>
/// <param name="Length">Number of elements that every row must have.</param>
/// <param name="Min">Value that becomes 0.</param>
/// <param name="Max">Value that becomes 1; above <paramref name="Min"/>.</param>
public sealed record VectorFeature(string Field, int Length, double Min, double Max);

/// <summary>Pixels of an image, scaled to (value / 255 − mean) / deviation per channel.</summary>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
/// <param name="Channels">1 for grey.</param>
/// <param name="Mean">Declared mean of value / 255.</param>
/// <param name="Deviation">Declared standard deviation of value / 255; above 0.</param>
public sealed record PixelFeature(int Height, int Width, int Channels = 1, double Mean = 0.5, double Deviation = 0.5);

/// <summary>Text as token numbers.</summary>
/// <param name="Encoding">How text is cut into tokens.</param>
/// <param name="WordNgrams">Hashed n-grams: longest run of words that makes a token; 0 for none.</param>
/// <param name="CharNgrams">Hashed n-grams: length of the runs of characters within a word that make tokens; 0 for none.</param>
/// <param name="Buckets">Number of token numbers: tokens are hashed (n-grams) or reduced modulo (tiktoken) into it.</param>
/// <param name="MaxTokens">Tokens kept from the start of the text.</param>
public sealed record TextFeature(
    TextEncodingKind Encoding = TextEncodingKind.HashedNgrams,
    int WordNgrams = 2,
    int CharNgrams = 0,
    int Buckets = 16384,
    int MaxTokens = 256);

/// <summary>How text is cut into tokens.</summary>
public enum TextEncodingKind
{
    /// <summary>Lower-cased words and characters, hashed: no learnt state, any language.</summary>
    HashedNgrams,

    /// <summary>The pre-trained tiktoken encoding <c>cl100k_base</c>.</summary>
    Cl100kBase,

    /// <summary>The pre-trained tiktoken encoding <c>o200k_base</c>.</summary>
    O200kBase,
}

/// <summary>Shards, slices and how items are assigned to them (rule E1).</summary>
public sealed record EnsembleOptions
{
    /// <summary>Number of shards S, and of constituent models.</summary>
    public int Shards { get; init; } = 8;

    /// <summary>Number of slices R per shard, and of checkpoints per constituent.</summary>
    public int Slices { get; init; } = 4;

    /// <summary>The rule that decides the slice.</summary>
    public AssignRule Assign { get; init; } = AssignRule.BySubject;

    /// <summary>With <see cref="AssignRule.ByBatch"/>: the names of the batches in slice order; as many as slices.</summary>
    public IReadOnlyList<string> Batches { get; init; } = [];

    /// <summary>Declared risk classes with their shards and slices; empty for one class that uses all.</summary>
    public IReadOnlyDictionary<string, RiskClass> RiskClasses { get; init; } = new Dictionary<string, RiskClass>(StringComparer.Ordinal);

    /// <summary>Names of the risk classes in ordinal order: slices and the manifest hold a class as its position here.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> RiskClassNames => [.. RiskClasses.Keys.Order(StringComparer.Ordinal)];
}

/// <summary>Shards and slices that the items of a risk class may use.</summary>
/// <param name="Shards">Shard numbers, each once, at least one.</param>
public sealed record RiskClass(IReadOnlyList<int> Shards)
{
    /// <summary>Slice numbers from 1, each once, at least one, or <see langword="null"/> for all. Late slices make requests of the class cheap (Bourtoule et al. 2021, on adapting shards to the
    /// distribution of requests); their items are visited less.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? Slices { get; init; }
}

/// <summary>The rules that decide an item's slice.</summary>
public enum AssignRule
{
    /// <summary>A keyed hash of the subject.</summary>
    BySubject,

    /// <summary>The item's declared batch.</summary>
    ByBatch,
}

/// <summary>Whether weights may depend on the physical CPU.</summary>
public enum NumericProfile
{
    /// <summary>The fastest kernels of this CPU; the CPU is part of the fingerprint.</summary>
    Native,

    /// <summary>Kernels pinned to AVX2 and conditional numerical reproducibility, so that a stranger's machine can agree.</summary>
    Portable,
}

/// <summary>Held-out data.</summary>
public sealed record EvaluationOptions
{
    /// <summary>File with held-out rows in the corpus's format, relative to the recipe; or <see langword="null"/>.</summary>
    public string? File { get; init; }
}

/// <summary>Who certificates say that they come from.</summary>
public sealed record IssuerOptions
{
    /// <summary>Name of the organisation.</summary>
    public string? Organisation { get; init; }

    /// <summary>How to reach it: an address, a telephone number, a web page.</summary>
    public string? Contact { get; init; }

    /// <summary>Name of the model, for people who never saw the recipe.</summary>
    public string? Model { get; init; }
}

/// <summary>Deadlines and batching of erasure requests.</summary>
public sealed record RequestOptions
{
    /// <summary>Days from receipt until a request is overdue.</summary>
    public int DueDays { get; init; } = 30;

    /// <summary>Hours that requests may wait to share a retraining; 0 retrains at once.</summary>
    public double Window { get; init; }
}
