namespace Sisa.Serving.Living;

/// <summary>An exception in words, for a notice.</summary>
internal static class Sentence
{
    /// <summary>The sentence of an exception: its own where it is one of Sisa's.</summary>
    public static string Of(Exception fault) => fault is SisaException own ? own.Message : $"{PlainReason.Of(fault)}.";
}
