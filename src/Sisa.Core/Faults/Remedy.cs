using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Sisa.Faults;

/// <summary>What a reader can do about a fault, in plain sentences that name steps of Sisa (<see cref="Step"/>) without spelling them.</summary>
/// <remarks>
/// <para>Written as an interpolated string: <c>$"Run {Step.Recover}; the stage is trained again."</c>. A text without a step converts by itself. Where a choice of two
/// texts holds a step, write <see cref="Of"/> around each, since C# makes plain text of it otherwise.</para>
/// <para>Immutable once it is written. Thread-safe.</para>
/// </remarks>
[InterpolatedStringHandler]
public sealed class Remedy
{
    private readonly List<RemedyPart> _parts;

    /// <summary>Begins a remedy; the compiler calls this for an interpolated string.</summary>
    /// <param name="literalLength">Characters of the fixed texts.</param>
    /// <param name="formattedCount">Values between them.</param>
    public Remedy(int literalLength, int formattedCount) => _parts = new List<RemedyPart>((2 * formattedCount) + Math.Min(literalLength, 1));

    /// <summary>Makes a remedy of its parts.</summary>
    /// <param name="parts">The parts, in order.</param>
    public Remedy(IEnumerable<RemedyPart> parts) => _parts = [.. parts];

    /// <summary>The parts, in order.</summary>
    public IReadOnlyList<RemedyPart> Parts => _parts;

    /// <summary>Returns the remedy of an interpolated string, where the compiler needs the target type.</summary>
    /// <param name="remedy">The interpolated string.</param>
    public static Remedy Of(Remedy remedy) => remedy;

    /// <summary>A remedy that names no step.</summary>
    /// <param name="text">Its sentences, or <see langword="null"/> for no remedy.</param>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator Remedy?(string? text) => text is null ? null : new Remedy([new RemedyPart(text)]);

    /// <summary>Appends fixed text.</summary>
    /// <param name="text">The text.</param>
    public void AppendLiteral(string text) => _parts.Add(new RemedyPart(text));

    /// <summary>Appends a value as text in the invariant culture.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="format">How it is formatted, such as <c>N0</c>.</param>
    public void AppendFormatted<T>(T value, string? format = null) =>
        AppendLiteral(value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString() ?? string.Empty);

    /// <summary>Appends a step.</summary>
    /// <param name="step">The step.</param>
    public void AppendFormatted(Step step) => _parts.Add(step.With(string.Empty));

    /// <summary>Appends a step with its value.</summary>
    /// <param name="part">The step, from <see cref="Steps.With"/>.</param>
    public void AppendFormatted(RemedyPart part) => _parts.Add(part);

    /// <summary>Appends another remedy.</summary>
    /// <param name="remedy">The other one; <see langword="null"/> adds nothing.</param>
    public void AppendFormatted(Remedy? remedy) => _parts.AddRange(remedy?.Parts ?? []);

    /// <summary>The remedy in the words of a front end.</summary>
    /// <param name="spell">Spells a step with its value.</param>
    public string Spell(Func<Step, string, string> spell)
    {
        ArgumentNullException.ThrowIfNull(spell);
        return string.Concat(_parts.Select(part => part.Step is { } step ? spell(step, part.Text) : part.Text));
    }

    /// <summary>The remedy in neutral words: each step by its name, such as <c>'recover'</c>. Fit for a log; a front end uses <see cref="Spell"/>.</summary>
    public override string ToString() => Spell((step, value) => $"'{KebabName.Of(step)}{(value.Length > 0 ? " " : string.Empty)}{value}'");
}

/// <summary>A piece of a remedy.</summary>
/// <param name="Text">Plain text; of a step, its value, or nothing.</param>
/// <param name="Step">The step that stands here, or <see langword="null"/> for plain text.</param>
public sealed record RemedyPart(string Text, Step? Step = null);
