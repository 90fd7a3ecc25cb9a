using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Optimizers;

/// <summary>What an optimizer step as tensor operations works on: the flat tensors of one constituent, [P], or of several side by side, [S, P].</summary>
/// <param name="Values">Parameters.</param>
/// <param name="Gradients">Gradients.</param>
/// <param name="State">State tensors, in the order of <see cref="Optimizer.State"/>.</param>
/// <param name="Steps">Which step it is for each constituent.</param>
internal sealed record StepTarget(torch.Tensor Values, torch.Tensor Gradients, IReadOnlyList<torch.Tensor> State, IReadOnlyList<StepNumber> Steps)
{
    /// <summary>A factor for each constituent; its tensor, if it needs one, is in the current dispose scope.</summary>
    /// <param name="ofStep">The factor that belongs to a step.</param>
    public StepFactor Factor(Func<StepNumber, double> ofStep) => new([.. Steps.Select(ofStep)], Values.device);
}

/// <summary>A step of one constituent.</summary>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Number">Its number since the initial state, from 1.</param>
internal readonly record struct StepNumber(double LearningRate, long Number);

/// <summary>A number for each constituent, by which tensors are multiplied.</summary>
/// <remarks>Where all are equal, as with one constituent always, the operations are those that take one number. Otherwise the operations take a column of
/// numbers: the same formula a · x, or a + b · x as one fused multiply-add where the device contracts it, for both kinds.</remarks>
internal sealed class StepFactor
{
    private readonly double _number;
    private readonly torch.Tensor? _column_S1;

    /// <summary>Makes the column, where one is needed.</summary>
    /// <param name="numbers">One a constituent, at least one.</param>
    /// <param name="device">Where the tensors are.</param>
    public StepFactor(double[] numbers, torch.Device device)
    {
        _number = numbers[0];
        if (numbers.AsSpan().ContainsAnyExcept(_number))
        {
            // One rounding from 64 bits, as a number that is handed to an operation gets it.
            _column_S1 = torch.tensor(Array.ConvertAll(numbers, number => (float)number)).to(device).unsqueeze(1);
        }
    }

    /// <summary>tensor *= factor, in place.</summary>
    /// <param name="tensor">[P] or [S, P].</param>
    public void Scale(torch.Tensor tensor)
    {
        if (_column_S1 is null)
        {
            tensor.Scale(_number);
        }
        else
        {
            tensor.mul_(_column_S1);
        }
    }

    /// <summary>tensor += factor · other, in place.</summary>
    /// <param name="tensor">[P] or [S, P].</param>
    /// <param name="other">The same shape.</param>
    public void AddScaled(torch.Tensor tensor, torch.Tensor other)
    {
        if (_column_S1 is null)
        {
            tensor.AddScaled(other, _number);
        }
        else
        {
            tensor.AddProduct(_column_S1, other, 1);
        }
    }

    /// <summary>tensor += factor · a / b, in place.</summary>
    /// <param name="tensor">[P] or [S, P].</param>
    /// <param name="a">The same shape.</param>
    /// <param name="b">The same shape.</param>
    public void AddQuotient(torch.Tensor tensor, torch.Tensor a, torch.Tensor b)
    {
        if (_column_S1 is null)
        {
            tensor.AddQuotient(a, b, _number);
        }
        else
        {
            using var quotient = a.div(b);
            tensor.AddProduct(_column_S1, quotient, 1);
        }
    }
}
