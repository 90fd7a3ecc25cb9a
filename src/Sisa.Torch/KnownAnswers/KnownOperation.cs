using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>An operation of a model in the sizes of a recipe, with answers that are known: they are computed in doubles, by loops of this program.</summary>
/// <remarks>
/// <para>Equal records are the same question. Inputs are multiples of 1/64 in [−1, 1], which every format holds without rounding, and for up to 4,096 terms so are the sums of their products.</para>
/// <para>Channels, features and images are as large as the model's; items, rows and products beside each other are fewer where many would take longer than a moment.
/// Nothing here runs twice in a process, so loops are plain: code that a generic of the runtime is made into for types of this program is compiled while the user waits.</para>
/// </remarks>
public abstract record KnownOperation
{
    // Multiplications of the forward pass: as many as are never too many, and as many as are still worth a wait.
    private const long AFewProducts = 1L << 20;
    private const long MostProducts = 1L << 24;

    /// <summary>Its name with its sizes, for people.</summary>
    public abstract string Description { get; }

    /// <summary>Shapes of its inputs.</summary>
    public abstract long[][] InputShapes { get; }

    /// <summary>Shape of its output.</summary>
    public abstract long[] OutputShape { get; }

    /// <summary>Computes it with the calls that models compute it with.</summary>
    /// <param name="inputs">Leaves of autograd, as <see cref="InputShapes"/> says.</param>
    /// <returns>Its output, in the current dispose scope.</returns>
    public abstract torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs);

    /// <summary>Looks at some numbers of the output, and of the gradients of the inputs.</summary>
    /// <param name="question">The input of the operation.</param>
    /// <param name="found">Its result.</param>
    internal abstract void Compare(KnownQuestion question, KnownNumbers found);

    /// <summary>How many items are computed, of however many a model has.</summary>
    /// <param name="items">The model's.</param>
    /// <param name="products">Multiplications for each of them.</param>
    /// <param name="wanted">Items that are worth a wait.</param>
    /// <param name="least">Items without which other kernels would be looked at than the model's.</param>
    protected static long Fewer(long items, long products, long wanted, long least) =>
        Math.Min(items, Math.Max(least, Math.Max(AFewProducts / products, Math.Min(wanted, MostProducts / products))));
}
