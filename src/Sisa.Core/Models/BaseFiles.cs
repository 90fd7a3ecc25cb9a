namespace Sisa.Models;

/// <summary>The files of a base or a tokenizer, as read when the store was created; part of the recipe digest.</summary>
/// <param name="Digest">SHA-256 over name and SHA-256 of every file that is used, in ordinal order of the names.</param>
/// <param name="Tokens">Token numbers of its tokenizer.</param>
/// <param name="Shape">Sizes of its weights; <see langword="null"/> if only the tokenizer is used.</param>
public sealed record BaseFiles(Digest Digest, TokenNumbers Tokens, DecoderShape? Shape)
{
    /// <summary>Name of the folder within a store, an export or an audit bundle.</summary>
    public const string FolderName = "base";
}

/// <summary>Training data of a base or a tokenizer.</summary>
public enum DataOrigin
{
    /// <summary>Public data, which no request can concern.</summary>
    Public,
}
