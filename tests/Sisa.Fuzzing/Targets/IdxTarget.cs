using System.Buffers.Binary;

namespace Sisa.Fuzzing.Targets;

/// <summary>IDX: images, and the labels beside them. The input is both: length of the images (2 bytes), images, labels.</summary>
internal sealed class IdxTarget() : CorpusTarget("idx", "a.images-idx3", CorpusRecipes.Image)
{
    private const int HeadBytes = 2;

    public override IReadOnlyList<byte[]> Tokens { get; } = [[0, 0, 8, 3], [0, 0, 8, 1], [0, 0, 8, 4], [0, 0, 0x0D, 3], [0, 0, 0, 2], [0, 0, 0, 3], [0x7F, 0xFF, 0xFF, 0xFF], [0x1F, 0x8B, 8]];

    public override IEnumerable<byte[]> Seeds()
    {
        yield return Both([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255], [0, 0, 8, 1, 0, 0, 0, 2, 0, 2]);
        yield return Both([0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6], [0, 0, 8, 1, 0, 0, 0, 1, 1]);
    }

    protected override void Run(byte[] input)
    {
        var images = input.Length < HeadBytes ? 0 : Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(input), input.Length - HeadBytes);
        var rest = input.AsSpan(Math.Min(HeadBytes, input.Length));
        Folder.Write("a.labels-idx1", rest[images..]);
        base.Run(rest[..images].ToArray());
    }

    private static byte[] Both(byte[] images, byte[] labels) => [(byte)images.Length, 0, .. images, .. labels];
}
