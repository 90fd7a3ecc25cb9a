using System.Text;

namespace Sisa.Fuzzing.Engine;

/// <summary>One parser that reads what strangers may have written, and what must hold whatever they wrote.</summary>
/// <param name="name">Name on the command line, and of the folder of its corpus.</param>
/// <remarks>Not thread-safe.</remarks>
internal abstract class FuzzTarget(string name) : IDisposable
{
    /// <summary>Name on the command line, and of the folder of its corpus.</summary>
    public string Name { get; } = name;

    /// <summary>Whether inputs are read and nothing more: what is written again to be compared would count as memory of the reading.</summary>
    public bool OnlyReads { get; set; }

    /// <summary>Longest input that is tried.</summary>
    public virtual int MaxBytes => 16 * 1024;

    /// <summary>Pieces that the format is made of, which chance alone would hardly find.</summary>
    public virtual IReadOnlyList<byte[]> Tokens => [];

    /// <summary>Inputs to begin with, made by the product's own writers where it has them.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Inputs of megabytes that take as much memory as their makers could think of; measured, not fuzzed.</summary>
    public virtual IEnumerable<byte[]> LargeInputs() => [];

    /// <summary>Parses an input. Whatever comes out of it is a fault: only documented exceptions are caught here.</summary>
    /// <param name="input">The input.</param>
    public void Execute(byte[] input)
    {
        try
        {
            Run(input);
        }
        catch (Exception e) when (IsDocumented(e))
        {
            // What the parser promises for inputs that are not of its format.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Parses an input and checks what must hold.</summary>
    /// <param name="input">The input.</param>
    protected abstract void Run(byte[] input);

    /// <summary>Whether the parser's documentation names the exception.</summary>
    /// <param name="e">The exception.</param>
    protected abstract bool IsDocumented(Exception e);

    /// <summary>Gives scratch files back.</summary>
    /// <param name="disposing">Always <see langword="true"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Fails an execution that broke what must hold.</summary>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="what">What, as a sentence.</param>
    protected static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new BrokenPropertyException(what);
        }
    }

    /// <summary>A text that repeats a piece, with a number in it, up to a length.</summary>
    protected static byte[] Repeat(string start, Func<int, string> piece, string end, int bytes)
    {
        var text = new StringBuilder(start, bytes + 1024);
        for (var i = 0; text.Length < bytes; i++)
        {
            text.Append(piece(i));
        }

        return Encoding.UTF8.GetBytes(text.Append(end).ToString());
    }

    /// <summary>Texts as tokens.</summary>
    protected static IReadOnlyList<byte[]> Words(params IEnumerable<string> words) => [.. words.Select(Encoding.UTF8.GetBytes)];
}

/// <summary>An input was read, and something that must hold of every input does not.</summary>
/// <param name="message">What must hold.</param>
internal sealed class BrokenPropertyException(string message) : Exception(message);
