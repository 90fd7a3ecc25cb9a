using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Proposes shards and a model of a size that fits the data.</summary>
internal static class ModelProposal
{
    /// <summary>Bytes of text below which a small decoder has enough to do.</summary>
    private const long SmallTextBytes = 16L << 20;

    /// <summary>Shards and slices.</summary>
    /// <param name="proposal">Receives the reasons.</param>
    /// <param name="rows">Rows of the data.</param>
    /// <param name="subjects">Subjects of the data.</param>
    /// <param name="hasSubjects">Whether a field names them.</param>
    public static EnsembleOptions Shards(Proposal proposal, long rows, long subjects, bool hasSubjects)
    {
        proposal.Explain("ensemble.shards", hasSubjects ? $"{Counted.Of(rows, "row")} of {Counted.Of(subjects, "subject")}" : $"{Counted.Of(rows, "row")}, each a subject of its own");
        return new EnsembleOptions { Shards = (int)Math.Clamp(Math.Min(rows / 100, subjects / 10), 2, 8) };
    }

    /// <summary>A language model for texts without labels.</summary>
    /// <param name="proposal">Receives the reasons.</param>
    /// <param name="recipe">The recipe so far.</param>
    /// <param name="textBytes">Bytes of all texts.</param>
    public static Recipe Language(Proposal proposal, Recipe recipe, long textBytes)
    {
        proposal.Explain("task", "texts without a label");
        proposal.Explain("model.kind", "a language model learns the next token of a text");
        recipe = recipe with { Task = TaskKind.LanguageModel, Features = new FeatureOptions(), Model = new DecoderOptions() };
        if (textBytes >= SmallTextBytes)
        {
            return recipe;
        }

        proposal.Declare("model");
        proposal.Explain("model.context", "small, because there is little text");
        proposal.Explain("training.batchSize", "small, so that little text gives enough steps");
        return recipe with
        {
            Model = new DecoderOptions { Context = 128, Layers = 2, Width = 128 },
            Training = recipe.Training with { BatchSize = 16, LearningRate = 3e-3 },
        };
    }

    /// <summary>A classifier of texts.</summary>
    /// <param name="proposal">Receives the reasons.</param>
    /// <param name="recipe">The recipe so far.</param>
    /// <param name="given">Keys that the user set.</param>
    public static Recipe TextClassifier(Proposal proposal, Recipe recipe, GivenKeys given)
    {
        proposal.Explain("model.kind", "texts with labels");
        return given.Recipe.Model is SequenceModelOptions && given.Has("model.kind")
            ? recipe with { Features = new FeatureOptions(), Model = given.Recipe.Model }
            : recipe with { Features = new FeatureOptions { Text = new TextFeature() }, Model = new TextClassifierOptions() };
    }
}
