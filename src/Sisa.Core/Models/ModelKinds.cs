using System.Collections.Immutable;

namespace Sisa.Models;

/// <summary>The kinds of model that a recipe may name. Each library has its part of a kind: options and sizes here, keys in Sisa.Readers, the architecture in Sisa.Torch.</summary>
/// <remarks>Thread-safe. The built-in kinds are registered by the call by which a program registers its own: at its start, before it reads or writes a recipe.</remarks>
public static class ModelKinds
{
    /// <summary>Name of the member that names a kind in JSON.</summary>
    public const string Discriminator = "kind";

    private static ImmutableArray<ModelKind> _all = [];

    /// <summary>The kinds that Sisa brings.</summary>
    public static EveryKind<ModelKind> BuiltIn { get; } = new()
    {
        Mlp = Add<MlpOptions>("mlp"),
        Cnn = Add<CnnOptions>("cnn"),
        TextClassifier = Add<TextClassifierOptions>("text-classifier"),
        Decoder = Add<DecoderOptions>("decoder"),
        Adapter = Add<AdapterOptions>("adapter"),
    };

    /// <summary>Every kind that is registered, in the order of registration.</summary>
    public static ImmutableArray<ModelKind> All => _all;

    /// <summary>Registers a kind.</summary>
    /// <typeparam name="T">Its options.</typeparam>
    /// <param name="name">Its name in recipes: lower-case words, joined by hyphens.</param>
    /// <exception cref="ArgumentException">The name is malformed, or name or options are registered already.</exception>
    public static ModelKind Add<T>(string name)
        where T : ModelOptions, new()
    {
        var kind = ModelKind.Of<T>(name);
        ImmutableInterlocked.Update(ref _all, all => all.Any(known => known.Name == name || known.Options == kind.Options)
            ? throw new ArgumentException($"The kind of model '{name}' or its options {kind.Options.Name} are already registered.", nameof(name))
            : all.Add(kind));
        return kind;
    }

    /// <summary>The kind of a name, or <see langword="null"/>.</summary>
    /// <param name="name">The name.</param>
    public static ModelKind? Named(string? name) => All.FirstOrDefault(kind => kind.Name == name);

    /// <summary>The kind of a model.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="NotSupportedException">Its kind is not registered.</exception>
    public static ModelKind Of(ModelOptions model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return All.FirstOrDefault(kind => kind.Options == model.GetType()) ?? throw new NotSupportedException($"The model {model.GetType().Name} is of an unregistered kind.");
    }
}

/// <summary>Something for every built-in kind of model. Each library has one, and does not compile until every kind has its part in it.</summary>
/// <typeparam name="T">The value for each kind.</typeparam>
public sealed class EveryKind<T>
{
    private readonly List<T> _all = [];

    /// <summary>Fully connected layers.</summary>
    public required T Mlp { get; init => field = Add(value); }

    /// <summary>The convolutional network.</summary>
    public required T Cnn { get; init => field = Add(value); }

    /// <summary>A bag of embeddings, or a small encoder.</summary>
    public required T TextClassifier { get; init => field = Add(value); }

    /// <summary>A decoder that is trained whole.</summary>
    public required T Decoder { get; init => field = Add(value); }

    /// <summary>An adapter of a frozen base.</summary>
    public required T Adapter { get; init => field = Add(value); }

    /// <summary>All of them, in the order in which they were given.</summary>
    public IReadOnlyList<T> All => _all;

    private T Add(T value)
    {
        _all.Add(value);
        return value;
    }
}
