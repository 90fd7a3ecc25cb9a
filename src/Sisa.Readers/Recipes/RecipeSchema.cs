using System.Collections.Immutable;
using Sisa.Aggregation;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Readers.Formats;
using Sisa.Readers.Recipes.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes;

/// <summary>Every key of the recipe, once: reading, checking, changes to single keys, writing and the printed recipe all follow this table.</summary>
internal static class RecipeSchema
{
    private const int MaxFields = 10_000;

    private static KeyTable? _current;

    /// <summary>Groups of keys, in the file's order.</summary>
    public static IReadOnlyList<RecipeGroup> Groups { get; } =
    [
        new("corpus", "How corpus files are read.", _ => true),
        new("corpus.fields", "Which field of a row means what. A role with several fields joins them: id and subject with '/', text with a line feed.", _ => true),
        new("features", "How an item's payload becomes numbers: text, or pixels, or any mix of numbers, categories and one vector. Declared, never learnt. "
            + "Default: a mapped text has the text feature.", _ => true),
        new("features.text", "The text as token numbers.", r => r.Features.Text is not null, r => WithText(r, t => t)),
        new("features.pixels", "The pixels of an IDX image, each scaled to (value / 255 − mean) / deviation.", r => r.Features.Pixels is not null, r => WithPixels(r, p => p)),
        new("features.categories", "Category fields; each pair of field and value is hashed to one bucket, which becomes 1.", r => r.Features.Categories is not null, r => WithCategories(r, c => c)),
        new("features.vector", "An array of numbers in one field.", r => r.Features.Vector is not null, r => WithVector(r, v => v)),
        new("ensemble", "Shards, slices, and how items are assigned to them.", _ => true),
        new("model", "The model of every shard.", _ => true),
        new("training", "How every shard is trained.", _ => true),
        new("evaluation", "Held-out data for the utility figures.", _ => true),
        new("requests", "Deadlines and batching of requests to forget.", _ => true),
        new("issuer", "The issuer that certificates name.", _ => true),
    ];

    /// <summary>Keys in the file's order.</summary>
    public static IReadOnlyList<RecipeKey> Keys => Current.Keys;

    // Made again where a program has registered a kind or a format of its own since.
    private static KeyTable Current => _current is { } table && table.Kinds == ModelKeys.All && table.Formats == RowFormat.All ? table : _current = new KeyTable(ModelKeys.All, RowFormat.All);

    private static IReadOnlyList<RecipeKey> BeforeModel =>
    [
        RecipeKey.Of("name", new TextValue(200), "Name of the ensemble, for people.", r => r.Name, (r, v) => r with { Name = v }),

        RecipeKey.Of(
            "corpus.format",
            new ChoiceValue<CorpusFormat>([.. RowFormat.All.Select(format => (format.Format.Name, format.Format))]),
            "Format of the files, gzip or not. Default: each file's name tells it.",
            r => r.Corpus.Format,
            (r, v) => r with { Corpus = r.Corpus with { Format = v } }),
        RecipeKey.Of("corpus.fields.id", Fields, "The id, which must never change. Default: file name and row number.", r => Some(r.Corpus.Fields.Id), (r, v) => WithFields(r, f => f with { Id = v })),
        RecipeKey.Of("corpus.fields.subject", Fields, "Whose item it is; requests are made per subject. Default: the id.", r => Some(r.Corpus.Fields.Subject), (r, v) => WithFields(r, f => f with { Subject = v })),
        RecipeKey.Of("corpus.fields.text", Fields, "The text.", r => Some(r.Corpus.Fields.Text), (r, v) => WithFields(r, f => f with { Text = v })),
        RecipeKey.Of(
            "corpus.fields.joining",
            new ChoiceValue<FieldJoining>([("escaped", FieldJoining.Escaped), ("plain", FieldJoining.Plain)]),
            "Roles with several fields: whether a joint within a field is escaped by a backslash, so that different fields never give the same id, subject or text; 'plain' is the rule of older stores.",
            r => r.Corpus.Fields.JoinsSeveral ? r.Corpus.Fields.Joining : null,
            (r, v) => WithFields(r, f => f with { Joining = v })),
        RecipeKey.Of("corpus.fields.label", Field, "The label; IDX files have their own.", r => r.Corpus.Fields.Label, (r, v) => WithFields(r, f => f with { Label = v })),
        RecipeKey.Of("corpus.fields.risk", Field, "The risk class of ensemble.riskClasses.", r => r.Corpus.Fields.Risk, (r, v) => WithFields(r, f => f with { Risk = v })),
        RecipeKey.Of("corpus.fields.batch", Field, "The arrival batch of ensemble.batches.", r => r.Corpus.Fields.Batch, (r, v) => WithFields(r, f => f with { Batch = v })),
        RecipeKey.Of(
            "corpus.textUnit",
            new ChoiceValue<TextUnit>([("line", TextUnit.Line), ("file", TextUnit.File)]),
            "Plain text: what one item is.",
            r => r.Corpus.TextUnit,
            (r, v) => r with { Corpus = r.Corpus with { TextUnit = v } }),
        RecipeKey.Of(
            "corpus.delimiter",
            new TextValue(1, "one character, no quotation mark or line break", v => v[0] is not ('"' or '\r' or '\n') && !char.IsSurrogate(v[0])),
            "CSV: what separates columns; .tsv files always have a tab. With a tab, quotation marks are ordinary characters.",
            r => r.Corpus.Delimiter,
            (r, v) => r with { Corpus = r.Corpus with { Delimiter = v } }),
        RecipeKey.Of("corpus.header", new TruthValue(), "CSV: whether the first line names the columns; without it they are c1, c2, ….", r => r.Corpus.Header, (r, v) => r with { Corpus = r.Corpus with { Header = v } }),
        RecipeKey.Of("corpus.images", new TextValue(), "IDX: the file of images to which corpus.labels belongs. Default: any.", r => r.Corpus.ImagesFile, (r, v) => r with { Corpus = r.Corpus with { ImagesFile = v } }),
        RecipeKey.Of(
            "corpus.labels",
            new TextValue(),
            "IDX: the file of labels, relative to the images' folder. Default: the name of the images, with labels-idx1 for images-idx3.",
            r => r.Corpus.LabelsFile,
            (r, v) => r with { Corpus = r.Corpus with { LabelsFile = v } }),
        RecipeKey.Of("corpus.maxFieldBytes", new IntegerValue(1, 1 << 30), "Longest allowed field, in bytes.", r => r.Corpus.MaxFieldBytes, (r, v) => r with { Corpus = r.Corpus with { MaxFieldBytes = v } }),

        RecipeKey.Of("task", new ChoiceValue<TaskKind>([("classify", TaskKind.Classify), ("language-model", TaskKind.LanguageModel)]), "What is learnt: a label per item, or the next token of a text.", r => r.Task, (r, v) => r with { Task = v }),
        RecipeKey.Of(
            "labels",
            new TextListValue($"a list of 2 to {RecipeLimits.MaxLabels} texts, each once", RecipeLimits.MaxLabels),
            "The labels. Required to classify. They are declared, never discovered, so that no label can reveal a forgotten item.",
            r => Some(r.Labels),
            (r, v) => r with { Labels = v }).Always(),

        RecipeKey.Of(
            "features.text.encoding",
            new ChoiceValue<TextEncodingKind>([("hashed-ngrams", TextEncodingKind.HashedNgrams), ("cl100k-base", TextEncodingKind.Cl100kBase), ("o200k-base", TextEncodingKind.O200kBase)]),
            "How text is cut into tokens.",
            r => r.Features.Text?.Encoding,
            (r, v) => WithText(r, t => t with { Encoding = v })),
        RecipeKey.Of("features.text.words", new IntegerValue(0, 8), "Hashed n-grams: longest sequence of words that makes a token.", r => r.Features.Text?.WordNgrams, (r, v) => WithText(r, t => t with { WordNgrams = v })),
        RecipeKey.Of("features.text.chars", new IntegerValue(0, 16), "Hashed n-grams: length of the sequences of characters within words that make tokens.", r => r.Features.Text?.CharNgrams, (r, v) => WithText(r, t => t with { CharNgrams = v })),
        RecipeKey.Of("features.text.buckets", new IntegerValue(2, 1 << 24), "Number of different tokens.", r => r.Features.Text?.Buckets, (r, v) => WithText(r, t => t with { Buckets = v })),
        RecipeKey.Of("features.text.maxTokens", new IntegerValue(1, 1 << 20), "Tokens kept, from the start of the text.", r => r.Features.Text?.MaxTokens, (r, v) => WithText(r, t => t with { MaxTokens = v })),
        RecipeKey.Of("features.pixels.height", new IntegerValue(1, 65_536), "Rows. Required.", r => r.Features.Pixels?.Height, (r, v) => WithPixels(r, p => p with { Height = v })),
        RecipeKey.Of("features.pixels.width", new IntegerValue(1, 65_536), "Columns. Required.", r => r.Features.Pixels?.Width, (r, v) => WithPixels(r, p => p with { Width = v })),
        RecipeKey.Of("features.pixels.channels", new IntegerValue(1, 64), "1 for grey.", r => r.Features.Pixels?.Channels, (r, v) => WithPixels(r, p => p with { Channels = v })),
        RecipeKey.Of("features.pixels.mean", new NumberValue(0, 1), "Mean of value / 255.", r => r.Features.Pixels?.Mean, (r, v) => WithPixels(r, p => p with { Mean = v })),
        RecipeKey.Of("features.pixels.deviation", new NumberValue(0, 100, isMinExcluded: true), "Standard deviation of value / 255.", r => r.Features.Pixels?.Deviation, (r, v) => WithPixels(r, p => p with { Deviation = v })),
        RecipeKey.Of(
            "features.numbers",
            new NumbersValue(),
            "Number fields, each scaled from its declared range to 0 to 1; 'missing' is the value for rows without one.",
            r => r.Features.Numbers.Count > 0 ? r.Features.Numbers : null,
            (r, v) => r with { Features = r.Features with { Numbers = v } }),
        RecipeKey.Of("features.categories.fields", new TextListValue($"a list of 1 to {MaxFields} fields, each once", MaxFields, acceptsSingle: true), "The fields. Required.", r => r.Features.Categories?.Fields, (r, v) => WithCategories(r, c => c with { Fields = v })),
        RecipeKey.Of("features.categories.buckets", new IntegerValue(1, 1 << 20), "Buckets, shared by all fields.", r => r.Features.Categories?.Buckets, (r, v) => WithCategories(r, c => c with { Buckets = v })),
        RecipeKey.Of("features.vector.field", Field, "The field. Required.", r => r.Features.Vector?.Field, (r, v) => WithVector(r, f => f with { Field = v })),
        RecipeKey.Of("features.vector.length", new IntegerValue(1, 1 << 20), "Numbers that every row must have. Required.", r => r.Features.Vector?.Length, (r, v) => WithVector(r, f => f with { Length = v })),
        RecipeKey.Of("features.vector.min", NumberValue.Any, "Number that is scaled to 0.", r => r.Features.Vector?.Min, (r, v) => WithVector(r, f => f with { Min = v })),
        RecipeKey.Of("features.vector.max", NumberValue.Any, "Number that is scaled to 1.", r => r.Features.Vector?.Max, (r, v) => WithVector(r, f => f with { Max = v })),

        RecipeKey.Of("ensemble.shards", new IntegerValue(1, RecipeLimits.MaxShards), "Number of shards, and of models. More shards make forgetting cheaper and each model weaker.", r => r.Ensemble.Shards, (r, v) => r with { Ensemble = r.Ensemble with { Shards = v } }).Always(),
        RecipeKey.Of("ensemble.slices", new IntegerValue(1, RecipeLimits.MaxSlices), "Slices per shard, and checkpoints per model.", r => r.Ensemble.Slices, (r, v) => r with { Ensemble = r.Ensemble with { Slices = v } }).Always(),
        RecipeKey.Of(
            "ensemble.assign",
            new ChoiceValue<AssignRule>([("by-subject", AssignRule.BySubject), ("by-batch", AssignRule.ByBatch)]),
            "What decides the slice: a keyed hash of the subject, or the item's batch.",
            r => r.Ensemble.Assign,
            (r, v) => r with { Ensemble = r.Ensemble with { Assign = v } }),
        RecipeKey.Of(
            "ensemble.batches",
            new TextListValue("a list of texts, each once, as many as slices", RecipeLimits.MaxSlices),
            "With by-batch: names of the batches in slice order.",
            r => Some(r.Ensemble.Batches),
            (r, v) => r with { Ensemble = r.Ensemble with { Batches = v } }),
        RecipeKey.Of(
            "ensemble.riskClasses",
            new RiskClassesValue(),
            "Shards (from 0) and slices (from 1) for the items of a risk class. Default: all. Late slices make requests cheap.",
            r => r.Ensemble.RiskClasses.Count > 0 ? r.Ensemble.RiskClasses : null,
            (r, v) => r with { Ensemble = r.Ensemble with { RiskClasses = v } }),
    ];

    private static IReadOnlyList<RecipeKey> AfterModel =>
    [
        RecipeKey.Of("training.epochs", new NumberValue(0, 100_000, isMinExcluded: true), "Passes over a shard in the whole schedule.", r => r.Training.Epochs, (r, v) => WithTraining(r, t => t with { Epochs = v })),
        RecipeKey.Of("training.batchSize", new IntegerValue(1, 1_000_000), "Items a step; for a language model, windows of model.context tokens.", r => r.Training.BatchSize, (r, v) => WithTraining(r, t => t with { BatchSize = v })),
        RecipeKey.Of("training.microBatch", new IntegerValue(0, 1_000_000), "Language models: windows that are computed at a time; their gradients are accumulated over the step. 0 for as many as fit into about 512 MB of activations.", r => r.Training.MicroBatch, (r, v) => WithTraining(r, t => t with { MicroBatch = v })),
        RecipeKey.Of("training.clip", new NumberValue(0, 1_000_000), "Largest norm of a step's gradient over all parameters; 0 for no limit.", r => r.Training.Clip, (r, v) => WithTraining(r, t => t with { Clip = v })),
        RecipeKey.Of(
            "training.precision",
            new ChoiceValue<ComputePrecision>([("float32", ComputePrecision.Full), ("bfloat16", ComputePrecision.BFloat16)]),
            "Language models: numeric type of matrix products. A device without bfloat16 is an error.",
            r => r.Training.Precision,
            (r, v) => WithTraining(r, t => t with { Precision = v })),
        RecipeKey.Of(
            "training.optimizer",
            new ChoiceValue<OptimizerKind>([("sgd", OptimizerKind.Sgd), ("adam", OptimizerKind.Adam), ("adamw", OptimizerKind.AdamW)]),
            "The optimizer.",
            r => r.Training.Optimizer,
            (r, v) => WithTraining(r, t => t with { Optimizer = v })),
        RecipeKey.Of("training.learningRate", new NumberValue(0, 1_000, isMinExcluded: true), "Highest learning rate of the schedule.", r => r.Training.LearningRate, (r, v) => WithTraining(r, t => t with { LearningRate = v })),
        RecipeKey.Of("training.momentum", new NumberValue(0, 1, isMaxExcluded: true), "SGD: momentum.", r => r.Training.Momentum, (r, v) => WithTraining(r, t => t with { Momentum = v })),
        RecipeKey.Of("training.weightDecay", new NumberValue(0, 1_000), "Weight decay: an L2 term for sgd and adam, decoupled for adamw.", r => r.Training.WeightDecay, (r, v) => WithTraining(r, t => t with { WeightDecay = v })),
        RecipeKey.Of("training.beta1", new NumberValue(0, 1, isMaxExcluded: true), "Adam: decay of the first moment.", r => r.Training.Beta1, (r, v) => WithTraining(r, t => t with { Beta1 = v })),
        RecipeKey.Of("training.beta2", new NumberValue(0, 1, isMaxExcluded: true), "Adam: decay of the second moment.", r => r.Training.Beta2, (r, v) => WithTraining(r, t => t with { Beta2 = v })),
        RecipeKey.Of("training.epsilon", new NumberValue(0, 1, isMinExcluded: true), "Adam: added to the root of the second moment.", r => r.Training.Epsilon, (r, v) => WithTraining(r, t => t with { Epsilon = v })),
        RecipeKey.Of(
            "training.schedule",
            new ChoiceValue<ScheduleKind>([("constant", ScheduleKind.Constant), ("cosine", ScheduleKind.Cosine)]),
            "Course of the learning rate.",
            r => r.Training.Schedule,
            (r, v) => WithTraining(r, t => t with { Schedule = v })),
        RecipeKey.Of("training.warmup", new NumberValue(0, 1, isMaxExcluded: true), "Share of the run over which the learning rate rises from zero.", r => r.Training.Warmup, (r, v) => WithTraining(r, t => t with { Warmup = v })),
        RecipeKey.Of("training.seed", new SeedValue(), "Seed of every derived stream.", r => r.Training.Seed, (r, v) => WithTraining(r, t => t with { Seed = v })),
        RecipeKey.Of(
            "training.device",
            new TextValue(16, "cpu, cuda, or cuda:N with the number of a device", IsDevice),
            "Where training runs. A missing device is an error.",
            r => r.Training.Device,
            (r, v) => WithTraining(r, t => t with { Device = v })),
        RecipeKey.Of(
            "training.init",
            new ChoiceValue<InitKind>([("per-shard", InitKind.PerShard), ("shared", InitKind.Shared)]),
            "Whether all models start from one initial state.",
            r => r.Training.Init,
            (r, v) => WithTraining(r, t => t with { Init = v })),
        RecipeKey.Of("training.threads", new IntegerValue(1, 1_024), "Threads of a worker. Results depend on it.", r => r.Training.Threads, (r, v) => WithTraining(r, t => t with { Threads = v })),

        RecipeKey.Of(
            "aggregation",
            new ChoiceValue<AggregationRule>([.. AggregationTable.All.Select(method => (method.Name, method.Rule))]),
            $"How the models' outputs are joined; {string.Join(" and ", AggregationTable.All.Where(method => !method.AppliesTo(TaskKind.Classify)).Select(method => method.Name))} are for language models.",
            r => r.Aggregation,
            (r, v) => r with { Aggregation = v }),
        RecipeKey.Of(
            "numerics",
            new ChoiceValue<NumericProfile>([("native", NumericProfile.Native), ("portable", NumericProfile.Portable)]),
            "The fastest kernels of this CPU, or kernels that other machines reproduce.",
            r => r.Numerics,
            (r, v) => r with { Numerics = v }),
        RecipeKey.Of("evaluation.file", new TextValue(), "File with held-out rows, relative to the recipe.", r => r.Evaluation.File, (r, v) => r with { Evaluation = r.Evaluation with { File = v } }),
        RecipeKey.Of("requests.dueDays", new IntegerValue(1, 3_650), "Days from receipt until a request is overdue.", r => r.Requests.DueDays, (r, v) => r with { Requests = r.Requests with { DueDays = v } }),
        RecipeKey.Of("requests.window", new NumberValue(0, 8_760), "Hours that requests may wait to share a retraining; 0 retrains at once.", r => r.Requests.Window, (r, v) => r with { Requests = r.Requests with { Window = v } }),
        RecipeKey.Of("issuer.organisation", new TextValue(200), "The organisation that certificates name.", r => r.Issuer?.Organisation, (r, v) => WithIssuer(r, i => i with { Organisation = v })),
        RecipeKey.Of("issuer.contact", new TextValue(200), "How to reach the organisation: an address, a telephone number, a web page.", r => r.Issuer?.Contact, (r, v) => WithIssuer(r, i => i with { Contact = v })),
        RecipeKey.Of("issuer.model", new TextValue(200), "The name of the model that certificates give.", r => r.Issuer?.Model, (r, v) => WithIssuer(r, i => i with { Model = v })),
        RecipeKey.Of(
            "declaredAfterInspection",
            new TextListValue("a list of keys, each once", MaxFields),
            "Keys whose values were derived from the data; certificates name them.",
            r => Some(r.DeclaredAfterInspection),
            (r, v) => r with { DeclaredAfterInspection = v }),
    ];

    private static TextListValue Fields => new("the name of a field, or a list of up to 100 names, each once", 100, acceptsSingle: true);

    private static TextValue Field => new(allowed: "the name of a field");

    private static object? Some(IReadOnlyList<string> list) => list.Count > 0 ? list : null;

    private static bool IsDevice(string device) =>
        device is "cpu" or "cuda" || (device.StartsWith("cuda:", StringComparison.Ordinal) && device.Length is 6 or 7 && device[5..].All(char.IsAsciiDigit));

    private static Recipe WithFields(Recipe recipe, Func<FieldOptions, FieldOptions> change) => recipe with { Corpus = recipe.Corpus with { Fields = change(recipe.Corpus.Fields) } };

    private static Recipe WithText(Recipe recipe, Func<TextFeature, TextFeature> change) => recipe with { Features = recipe.Features with { Text = change(recipe.Features.Text ?? new TextFeature()) } };

    private static Recipe WithPixels(Recipe recipe, Func<PixelFeature, PixelFeature> change) => recipe with { Features = recipe.Features with { Pixels = change(recipe.Features.Pixels ?? new PixelFeature(0, 0)) } };

    private static Recipe WithIssuer(Recipe recipe, Func<IssuerOptions, IssuerOptions> change) => recipe with { Issuer = change(recipe.Issuer ?? new IssuerOptions()) };

    private static Recipe WithCategories(Recipe recipe, Func<CategoryFeature, CategoryFeature> change) =>
        recipe with { Features = recipe.Features with { Categories = change(recipe.Features.Categories ?? new CategoryFeature([], 256)) } };

    private static Recipe WithVector(Recipe recipe, Func<VectorFeature, VectorFeature> change) =>
        recipe with { Features = recipe.Features with { Vector = change(recipe.Features.Vector ?? new VectorFeature(string.Empty, 0, 0, 1)) } };

    private static Recipe WithTraining(Recipe recipe, Func<TrainingOptions, TrainingOptions> change) => recipe with { Training = change(recipe.Training) };

    /// <summary>The keys for some kinds of model and some formats.</summary>
    private sealed class KeyTable(ImmutableArray<ModelKeys> kinds, ImmutableArray<RowFormat> formats)
    {
        public ImmutableArray<RowFormat> Formats => formats;

        public ImmutableArray<ModelKeys> Kinds => kinds;

        public IReadOnlyList<RecipeKey> Keys { get; } =
        [
            .. BeforeModel,
            RecipeKey.Of(
                "model.kind",
                new ChoiceValue<string>([.. kinds.Select(keys => (keys.Kind.Name, keys.Kind.Name))]),
                "Kind of model. Default: a kind that fits the task and the features.",
                r => ModelKinds.Of(r.Model).Name,
                (r, v) => r with { Model = ModelKinds.Named(v)!.Default }).Always(),
            .. kinds.SelectMany(keys => keys.Keys),
            .. AfterModel,
        ];
    }
}
