namespace Sisa.Training;

/// <summary>Version of everything between the items and the bytes of a checkpoint.</summary>
public static class TrainingCode
{
    /// <summary>Raised whenever the same recipe and items would give other bytes; part of the recipe digest (rule E8).</summary>
    /// <remarks>A test with golden digests fails when the bytes change and this number does not.</remarks>
    public const int Version = 3;
}
