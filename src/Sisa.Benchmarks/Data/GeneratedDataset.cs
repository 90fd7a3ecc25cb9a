using System.Text;
using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Designs;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Benchmarks.Data;

/// <summary>A generated corpus in the shape of Purchase, with the model of the paper: 600-128(tanh)-classes, batches of 16, plain SGD.</summary>
public sealed class GeneratedDataset : CostDataset
{
    // An entry of a slice file, and a float a bit: docs/store-format.md.
    private const int EntryBytes = 96;

    private GeneratedDataset(PatternCorpus corpus) => Corpus = corpus;

    /// <summary>The corpus.</summary>
    public PatternCorpus Corpus { get; }

    /// <summary>Makes one dataset for each number of classes; all have the same items, assignment and draws.</summary>
    /// <param name="design">The study.</param>
    /// <param name="classes">Numbers of classes.</param>
    public static IReadOnlyList<GeneratedDataset> Create(CostDesign design, IReadOnlyList<int> classes)
    {
        ArgumentNullException.ThrowIfNull(design);
        PatternOptions[] options = [.. classes.Select(count => new PatternOptions { Classes = count, Items = design.Items, Seed = design.Seed })];
        var ids = Enumerable.Range(0, options[0].TrainingItems).Select(PatternCorpus.IdOf);
        var population = new Population([.. ids.Select(id => new Requester(id, [new OwnedItem(Encoding.UTF8.GetBytes(id))]))], design.Seed, design.FrequentShare);
        Span<byte> key = stackalloc byte[AssignmentKey.SizeBytes];
        Seeds.Derive(design.Seed, "cost study/assignment key").CopyTo(key);
        var assignment = new AssignmentKey(key);
        return
        [
            .. options.Select(option => new GeneratedDataset(new PatternCorpus(option))
            {
                Name = $"purchase-{option.Classes}",
                Population = population,
                PopulationName = "generated",
                Key = assignment,
                SliceBytesPerItem = EntryBytes + PatternCorpus.IdOf(0).Length + (sizeof(float) * option.Bits),
            }),
        ];
    }

    /// <inheritdoc/>
    public override IEnumerable<GridCell> Cells(CostDesign design)
    {
        ArgumentNullException.ThrowIfNull(design);
        return design.Cells;
    }

    /// <inheritdoc/>
    public override Recipe RecipeOf(GridCell cell, CostDesign design)
    {
        ArgumentNullException.ThrowIfNull(design);
        return new Recipe
        {
            Name = $"{Name} {cell}",
            Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Label = "label", Risk = cell.Rule == ShardingRule.RiskAware ? "risk" : null } },
            Labels = Corpus.Labels,
            Features = new FeatureOptions { Vector = new VectorFeature("bits", Corpus.Options.Bits, 0, 1) },
            Ensemble = EnsembleOf(cell, design),
            Model = new MlpOptions { Hidden = [128], Activation = Activation.Tanh },
            Training = new TrainingOptions { Epochs = design.Epochs, BatchSize = 16, Optimizer = OptimizerKind.Sgd, LearningRate = 0.01, Seed = design.Seed },
        };
    }
}
