using Sisa.Torch.Models;
using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Optimizers;

/// <summary>The operands of an optimizer step in tensor operations: the flat tensors of one constituent, [P], or of several side by side, [S, P].</summary>
/// <param name="Values">The parameters.</param>
/// <param name="Gradients">The gradients.</param>
/// <param name="State">State tensors, in the order of <see cref="Optimizer.State"/>.</param>
/// <param name="Steps">Which step it is for each constituent.</param>
internal sealed record StepTarget(torch.Tensor Values, torch.Tensor Gradients, IReadOnlyList<torch.Tensor> State, IReadOnlyList<StepNumber> Steps)
{
    /// <summary>A range of all of them, in the current dispose scope.</summary>
    /// <param name="range">The range.</param>
    public StepTarget Of(ParameterRange range)
    {
        torch.Tensor Part(torch.Tensor flat) => flat.narrow(-1, range.Offset, range.Length);
        return this with { Values = Part(Values), Gradients = Part(Gradients), State = [.. State.Select(Part)] };
    }

    /// <summary>A factor for each constituent.</summary>
    /// <param name="ofStep">The factor that belongs to a step.</param>
    public StepFactor Factor(Func<StepNumber, double> ofStep) => new([.. Steps.Select(ofStep)]);
}

/// <summary>A step of one constituent.</summary>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Number">Its number since the initial state, from 1.</param>
internal readonly record struct StepNumber(double LearningRate, long Number);

/// <summary>A number for each constituent, by which tensors are multiplied.</summary>
/// <remarks>Where all are equal, as with one constituent always, an operation takes the number. Otherwise a product alone takes a column of numbers, since IEEE 754
/// leaves it no choice of bits; a product that something is added to is done row by row, because devices round it once or twice and there is no operation of
/// libtorch that takes a column and rounds as the one that takes a number.</remarks>
/// <param name="numbers">One a constituent, at least one.</param>
internal sealed class StepFactor(double[] numbers)
{
    private readonly bool _isOne = !numbers.AsSpan(1).ContainsAnyExcept(numbers[0]);

    /// <summary>tensor *= factor, in place.</summary>
    /// <param name="tensor">[P] or [S, P].</param>
    public void Scale(torch.Tensor tensor)
    {
        if (_isOne)
        {
            tensor.Scale(numbers[0]);
            return;
        }

        // Rounded once from 64 bits, as a number that is handed to an operation is.
        using var scope = torch.NewDisposeScope();
        tensor.mul_(torch.tensor(Array.ConvertAll(numbers, number => (float)number)).to(tensor.device).unsqueeze(1));
    }

    /// <summary>tensor += factor · other, in place.</summary>
    /// <param name="tensor">[P] or [S, P].</param>
    /// <param name="other">The same shape.</param>
    public void AddScaled(torch.Tensor tensor, torch.Tensor other) => Each([tensor, other], (t, number) => t[0].AddScaled(t[1], number));

    /// <summary>tensor += factor · a / b, in place.</summary>
    /// <param name="tensor">[P] or [S, P].</param>
    /// <param name="a">The same shape.</param>
    /// <param name="b">The same shape.</param>
    public void AddQuotient(torch.Tensor tensor, torch.Tensor a, torch.Tensor b) => Each([tensor, a, b], (t, number) => t[0].AddQuotient(t[1], t[2], number));

    private void Each(torch.Tensor[] tensors, Action<torch.Tensor[], double> operation)
    {
        if (_isOne)
        {
            operation(tensors, numbers[0]);
            return;
        }

        using var scope = torch.NewDisposeScope();
        for (var row = 0; row < numbers.Length; row++)
        {
            operation(Array.ConvertAll(tensors, tensor => tensor.select(0, row)), numbers[row]);
        }
    }
}
