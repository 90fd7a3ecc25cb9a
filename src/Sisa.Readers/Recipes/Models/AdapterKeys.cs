using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes.Models;

/// <summary>Keys of <c>adapter</c>: low-rank updates of a frozen base, or a head on it.</summary>
internal sealed class AdapterKeys() : SequenceKeys<AdapterOptions>(
    ModelKinds.BuiltIn.Adapter,
    "Folder of the frozen base: config.json, model.safetensors and a tokenizer. Required. It is copied into the store, and nothing in it can be forgotten.")
{
    /// <inheritdoc/>
    public override IReadOnlyList<RecipeKey> Keys =>
    [
        .. Shared,
        Key("rank", new IntegerValue(0, 65_536), "Rank of the updates; 0 trains only a head.", m => m.Rank, (m, v) => m with { Rank = v }),
        Key("alpha", new NumberValue(0, 1e6, isMinExcluded: true), "The updates are scaled by alpha / rank.", m => m.Alpha, (m, v) => m with { Alpha = v }),
        Key("targets", new AdapterTargetsValue(), "Layers of the base that are updated.", m => m.Targets, (m, v) => m with { Targets = v }),
    ];

    /// <inheritdoc/>
    public override ModelOptions Shown => new AdapterOptions { Base = "base", TrainedOn = DataOrigin.Public };

    /// <inheritdoc/>
    protected override void Check(AdapterOptions model, Recipe recipe, RecipeFaults faults)
    {
        base.Check(model, recipe, faults);
        faults.Rule(model.Base is null, "model.base", "is missing; an adapter needs the folder of a base.");
        faults.Rule(model.Rank == 0 && recipe.Task == TaskKind.LanguageModel, "model.rank", "found 0; without updates a language model would learn nothing.", "task");
        faults.Rule(model.Rank > 0 && model.Targets.Count == 0, "model.targets", "is empty; an adapter of rank above 0 needs layers to update.", "model.rank");
        faults.RequireBelow(model.Base, "model.base");
    }
}

/// <summary>Layers of a base, as its files name them.</summary>
internal sealed class AdapterTargetsValue : RecipeValue<IReadOnlyList<AdapterTarget>>
{
    private static readonly string[] _names = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
    private readonly TextListValue _texts = new($"a list of {string.Join(", ", _names)}, each once", _names.Length, acceptsSingle: true);

    /// <inheritdoc/>
    public override string Allowed => _texts.Allowed;

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out IReadOnlyList<AdapterTarget> value)
    {
        value = [];
        if (!_texts.TryRead(node, key, faults, out var texts))
        {
            return false;
        }

        if (texts.Any(text => !_names.Contains(text)))
        {
            return Refuse(node, key, faults);
        }

        // Use the order of the model, whatever the order of the file, so that equal recipes have one digest.
        value = [.. texts.Select(text => (AdapterTarget)Array.IndexOf(_names, text)).Order()];
        return true;
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(IReadOnlyList<AdapterTarget> value) => _texts.Write([.. value.Select(target => _names[(int)target])]);
}
