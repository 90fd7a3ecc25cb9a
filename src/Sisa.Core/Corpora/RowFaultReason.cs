namespace Sisa.Corpora;

/// <summary>Why a row did not become an item, as losses are grouped. Names are part of <c>--json</c>.</summary>
public enum RowFaultReason
{
    /// <summary>A field has no usable value: it is missing, of the wrong type, undeclared or out of range.</summary>
    Value,

    /// <summary>The row does not have the form of its format: malformed JSON, another number of columns.</summary>
    Form,

    /// <summary>A quotation mark is not closed or stands within a field, so that lines behind it are lost too.</summary>
    Quotation,

    /// <summary>The bytes are not UTF-8.</summary>
    Encoding,

    /// <summary>The row or a field of it is longer than the recipe allows.</summary>
    Length,

    /// <summary>The id is taken, by an earlier row or in the store.</summary>
    Duplicate,

    /// <summary>The item or its subject was forgotten. Not a fault of the row.</summary>
    Forgotten,
}
