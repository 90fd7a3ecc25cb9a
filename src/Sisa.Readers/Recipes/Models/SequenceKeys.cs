using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes.Models;

/// <summary>Keys and rules of the models that read a text token by token.</summary>
/// <typeparam name="T">Their options.</typeparam>
/// <param name="kind">Their kind.</param>
/// <param name="baseMeaning">The meaning of a base for them, as a sentence.</param>
internal abstract class SequenceKeys<T>(ModelKind kind, string baseMeaning) : ModelKeys<T>(kind)
    where T : SequenceModelOptions, new()
{
    /// <summary>The allowed names of a folder.</summary>
    protected static string Folder => "a folder, relative to the recipe";

    /// <summary>The keys that all of them have.</summary>
    protected IReadOnlyList<RecipeKey> Shared =>
    [
        Key("base", new TextValue(allowed: Folder), baseMeaning, m => m.Base, (m, v) => m with { Base = v }),
        Key(
            "trainedOn",
            new ChoiceValue<DataOrigin>([("public", DataOrigin.Public)]),
            "Training data of the base and of the tokenizer's files. Required if there are any: a base that learnt from the corpus would keep forgotten items.",
            m => m.TrainedOn,
            (m, v) => m with { TrainedOn = v }),
        Key("context", new IntegerValue(2, 1 << 17), "Tokens of a training window, and the most that the model looks back at.", m => m.Context, (m, v) => m with { Context = v }),
    ];

    /// <inheritdoc/>
    protected override void Check(T model, Recipe recipe, RecipeFaults faults)
    {
        faults.Rule(model.NeedsFiles && model.TrainedOn is null, "model.trainedOn", "is missing; declare 'trainedOn: public' if that is true. A base or a tokenizer keeps what it learnt from data that may have to be forgotten (rule E5).", "model");
        faults.Rule(!model.NeedsFiles && model.TrainedOn is not null, "model.trainedOn", "is only for a base or the files of a tokenizer.", "model");
    }
}
