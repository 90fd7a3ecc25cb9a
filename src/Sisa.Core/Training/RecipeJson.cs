using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sisa.Models;
using Sisa.Records;

namespace Sisa.Training;

/// <summary>The recipe as JSON: what job files carry and what its digest is taken over.</summary>
/// <remarks>As <see cref="RecordJson"/> writes it: equal recipes give equal bytes on every machine.</remarks>
public static class RecipeJson
{
    /// <summary>The same rules for the serializer, for what is no record of this assembly. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Writes a recipe.</summary>
    /// <param name="recipe">Any recipe.</param>
    public static string Write(Recipe recipe) => RecordJson.Write(recipe);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The JSON text.</param>
    /// <exception cref="StoreException">Anything else.</exception>
    public static Recipe Read(string json)
    {
        try
        {
            var recipe = RecordJson.Read<Recipe>(json);
            return recipe.Ensemble.RiskClasses.Values.All(risk => risk is { Shards.Count: > 0, Slices: null or { Count: > 0 } })
                ? recipe
                : throw new MalformedJsonException("a risk class has no shards or slices");
        }
        catch (JsonException e)
        {
            throw new StoreException($"The stored recipe cannot be read: {PlainReason.Of(e)}.", "Restore the store from a backup, or use the version of Sisa that wrote it.", e);
        }
    }

    /// <summary>SHA-256 over every key that influences weights, the commitment to κ and the version of the training code (rule E8).</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="assignmentKeyCommitment"><see cref="Sharding.AssignmentKey.Commitment"/>.</param>
    public static Digest RecipeDigest(Recipe recipe, Digest assignmentKeyCommitment) => DigestUnder(recipe, assignmentKeyCommitment, TrainingCode.Version);

    /// <summary>The digest under a given version of the training code, so that a test can distinguish a new version from a changed recipe.</summary>
    internal static Digest DigestUnder(Recipe recipe, Digest assignmentKeyCommitment, int trainingCode)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var influences = new Influences(
            trainingCode,
            assignmentKeyCommitment,
            recipe.Corpus.Fields,
            recipe.Corpus.TextUnit,
            recipe.Task,
            recipe.Labels,
            recipe.Features,
            recipe.Ensemble with { RiskClasses = new SortedDictionary<string, RiskClass>(recipe.Ensemble.RiskClasses.ToDictionary(), StringComparer.Ordinal) },
            recipe.Model,

            // Which card of several does not matter; that it is a card does.
            recipe.Training with { Device = recipe.Training.Device.Split(':')[0] },
            recipe.Numerics,
            ModelKinds.Of(recipe.Model).Code);
        return Digest.Of(RecordJson.WriteUtf8(influences));
    }

    /// <summary>The input of a recipe's digest. Recipes of built-in models lack a code digest; <see cref="TrainingCode.Version"/> replaces it.</summary>
    private sealed record Influences(
        int Code,
        Digest Key,
        FieldOptions Fields,
        TextUnit TextUnit,
        TaskKind Task,
        IReadOnlyList<string> Labels,
        FeatureOptions Features,
        EnsembleOptions Ensemble,
        ModelOptions Model,
        TrainingOptions Training,
        NumericProfile Numerics,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Digest? ModelCode);

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Converters = { new JsonStringEnumConverter(KebabName.Policy, allowIntegerValues: false) },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NameKinds } },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void NameKinds(JsonTypeInfo type)
    {
        if (type.Type == typeof(ModelOptions))
        {
            type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = ModelKinds.Discriminator };
            foreach (var kind in ModelKinds.All)
            {
                type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(kind.Options, kind.Name));
            }
        }
    }
}
