namespace Sisa.Models;

/// <summary>A kind of model.</summary>
/// <remarks>Immutable.</remarks>
public sealed class ModelKind
{
    private readonly Lazy<Digest?> _code;
    private readonly Func<ModelOptions> _create;

    private ModelKind(string name, Type options, Func<ModelOptions> create)
    {
        (Name, Options, _create) = (name, options, create);
        _code = new Lazy<Digest?>(() => options.Assembly == typeof(ModelKind).Assembly ? null : Digest.Of(File.ReadAllBytes(options.Assembly.Location)));
    }

    /// <summary>Its name in recipes.</summary>
    public string Name { get; }

    /// <summary>The type of its options.</summary>
    public Type Options { get; }

    /// <summary>A model of this kind, at its defaults.</summary>
    public ModelOptions Default => _create();

    /// <summary>Whether its models read a text token by token.</summary>
    public bool IsSequence => typeof(SequenceModelOptions).IsAssignableFrom(Options);

    /// <summary>Digest of the assembly that holds the options of a program's own kind; <see langword="null"/> for built-in kinds. It enters the recipe digest (rule E8), so a changed network never continues an old checkpoint.</summary>
    public Digest? Code => _code.Value;

    /// <summary>Describes a kind.</summary>
    /// <typeparam name="T">Its options.</typeparam>
    /// <param name="name">Its name in recipes: lower-case words, joined by hyphens.</param>
    /// <exception cref="ArgumentException">The name is malformed.</exception>
    internal static ModelKind Of<T>(string name)
        where T : ModelOptions, new()
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? new ModelKind(name, typeof(T), () => new T())
            : throw new ArgumentException($"{VisibleText.Of(name)} cannot be the name of a kind of model; expected lower-case words joined by hyphens.", nameof(name));
    }
}
