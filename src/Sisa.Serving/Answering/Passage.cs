using Sisa.Corpora;

namespace Sisa.Serving.Answering;

/// <summary>The data of a text between reading and scoring.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Bytes">Bytes of UTF-8 that it has.</param>
/// <param name="Tokens">Its tokens with their marks, encoded.</param>
public sealed record Passage(string Id, string Subject, long Bytes, byte[] Tokens)
{
    /// <summary>Copies what is kept.</summary>
    /// <param name="item">The item; its tokens are copied, since a reader reuses its buffers.</param>
    public static Passage Of(Item item) => new(item.Id, item.Subject, item.Text.Length, item.Features.ToArray());
}
