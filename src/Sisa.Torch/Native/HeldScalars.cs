using TorchSharp;

namespace Sisa.Torch.Native;

/// <summary>Calls that take a number, with the number held until they return.</summary>
/// <remarks>TorchSharp makes a <c>Scalar</c> of the number, hands its bare pointer to libtorch and lets go of it: a collection on another
/// thread can then free the number under the call, which reads whatever lies there. Seen here as an assertion inside libtorch once in a few
/// thousand trainings; a wrong number would have been worse. Every call with a number in this project goes through here.</remarks>
internal static class HeldScalars
{
    /// <summary>tensor += factor · other, in place.</summary>
    public static void AddScaled(this torch.Tensor tensor, torch.Tensor other, double factor)
    {
        using var held = factor.ToScalar();
        tensor.add_(other, held);
    }

    /// <summary>tensor *= factor, in place.</summary>
    public static void Scale(this torch.Tensor tensor, double factor)
    {
        using var held = factor.ToScalar();
        tensor.mul_(held);
    }

    /// <summary>tensor += summand, in place.</summary>
    public static void Shift(this torch.Tensor tensor, double summand)
    {
        using var held = summand.ToScalar();
        using var factor = 1.ToScalar();
        tensor.add_(held, factor);
    }

    /// <summary>tensor += factor · a · b, in place.</summary>
    public static void AddProduct(this torch.Tensor tensor, torch.Tensor a, torch.Tensor b, double factor)
    {
        using var held = factor.ToScalar();
        tensor.addcmul_(a, b, held);
    }

    /// <summary>tensor += factor · a / b, in place.</summary>
    public static void AddQuotient(this torch.Tensor tensor, torch.Tensor a, torch.Tensor b, double factor)
    {
        using var held = factor.ToScalar();
        tensor.addcdiv_(a, b, held);
    }

    /// <summary>tensor · factor.</summary>
    public static torch.Tensor Times(this torch.Tensor tensor, double factor)
    {
        using var held = factor.ToScalar();
        return tensor.mul(held);
    }

    /// <summary>tensor + summand.</summary>
    public static torch.Tensor Plus(this torch.Tensor tensor, double summand)
    {
        using var held = summand.ToScalar();
        using var factor = 1.ToScalar();
        return tensor.add(held, factor);
    }

    /// <summary>tensor + other; the operator makes a number too, the factor 1.</summary>
    public static torch.Tensor Sum(this torch.Tensor tensor, torch.Tensor other)
    {
        using var held = 1.ToScalar();
        return tensor.add(other, held);
    }

    /// <summary>tensor − other; the operator makes a number too, the factor −1.</summary>
    public static torch.Tensor Less(this torch.Tensor tensor, torch.Tensor other)
    {
        using var held = (-1).ToScalar();
        return tensor.add(other, held);
    }

    /// <summary>A copy of a tensor with rows of another added to those that an index names.</summary>
    public static torch.Tensor WithRowsAdded(this torch.Tensor tensor, torch.Tensor index, torch.Tensor rows)
    {
        using var held = 1.ToScalar();
        return tensor.index_add(0, index, rows, held);
    }

    /// <summary>Adds rows to those that an index names, in place.</summary>
    public static void AddRows(this torch.Tensor tensor, torch.Tensor index, torch.Tensor rows)
    {
        using var held = 1.ToScalar();
        tensor.index_add_(0, index, rows, held);
    }
}
