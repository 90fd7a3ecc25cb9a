using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sisa.Training;

/// <summary>The recipe as JSON: what job files carry and what its digest is taken over.</summary>
/// <remarks>Members in declaration order, camel case, enumerations in kebab case, shortest round-trip numbers: equal recipes
/// give equal bytes on every machine.</remarks>
public static class RecipeJson
{
    /// <summary>The options behind every JSON text of a recipe. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Writes a recipe.</summary>
    /// <param name="recipe">Any recipe.</param>
    public static string Write(Recipe recipe) => JsonSerializer.Serialize(recipe, Options);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The JSON text.</param>
    /// <exception cref="StoreException">Anything else.</exception>
    public static Recipe Read(string json)
    {
        try
        {
            var recipe = StrictJson.Read<Recipe>(Encoding.UTF8.GetBytes(json), Options);
            return recipe.Ensemble.RiskClasses.Values.All(risk => risk is { Shards.Count: > 0, Slices: null or { Count: > 0 } })
                ? recipe
                : throw new JsonException("a risk class is 'null', or has no shards or slices");
        }
        catch (JsonException e)
        {
            throw new StoreException($"The stored recipe cannot be read: {e.Message}", "Restore the store from a backup, or use the version of Sisa that wrote it.", e);
        }
    }

    /// <summary>SHA-256 over every key that influences weights, the commitment to κ and the version of the training code (rule E8).</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="assignmentKeyCommitment"><see cref="Sharding.AssignmentKey.Commitment"/>.</param>
    public static Digest RecipeDigest(Recipe recipe, Digest assignmentKeyCommitment)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var influences = new
        {
            Code = TrainingCode.Version,
            Key = assignmentKeyCommitment,
            recipe.Corpus.Fields,
            recipe.Corpus.TextUnit,
            recipe.Task,
            recipe.Labels,
            recipe.Features,
            Ensemble = recipe.Ensemble with { RiskClasses = new SortedDictionary<string, RiskClass>(recipe.Ensemble.RiskClasses.ToDictionary(), StringComparer.Ordinal) },
            recipe.Model,

            // Which card of several does not matter; that it is a card does.
            Training = recipe.Training with { Device = recipe.Training.Device.Split(':')[0] },
            recipe.Numerics,
        };
        return Digest.Of(JsonSerializer.SerializeToUtf8Bytes(influences, Options));
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Converters = { new JsonStringEnumConverter(KebabName.Policy, allowIntegerValues: false) },
            TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
        };
        options.MakeReadOnly();
        return options;
    }
}
