using System.Globalization;

namespace Sisa.Torch.Models;

/// <summary>Collects the parameters of a model layer by layer and hands out the layers.</summary>
/// <remarks>Linear and convolutional layers start uniform within ±1/√fanIn, weights and biases alike: LeCun, Bottou, Orr and Müller,
/// <i>Efficient BackProp</i>, 1998, section 4.6, and what <c>torch.nn.Linear</c> does. Embeddings start within ±1/√width, so that a
/// row's length does not depend on the width.</remarks>
public sealed class ParameterList
{
    private readonly List<ParameterSpec> _specs = [];

    /// <summary>The parameters so far.</summary>
    public IReadOnlyList<ParameterSpec> Specs => _specs;

    /// <summary>Adds a linear layer.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="inputs">Width of its input.</param>
    /// <param name="outputs">Width of its output.</param>
    public LinearLayer Linear(string name, long inputs, long outputs) =>
        new(Uniform(name + ".weight", [outputs, inputs], inputs), Uniform(name + ".bias", [outputs], inputs));

    /// <summary>Adds a convolution with a square, odd kernel and an output of its input's size.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="kernel">Side of the kernel.</param>
    public ConvolutionLayer Convolution(string name, long inputs, long outputs, long kernel)
    {
        var fanIn = inputs * kernel * kernel;
        return new(Uniform(name + ".weight", [outputs, inputs, kernel, kernel], fanIn), Uniform(name + ".bias", [outputs], fanIn), kernel / 2);
    }

    /// <summary>Adds a normalisation.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="width">Number of gains and of shifts.</param>
    public NormLayer Norm(string name, long width) =>
        new(Add(new(name + ".weight", [width], ParameterStart.Ones)), Add(new(name + ".bias", [width], ParameterStart.Zeros)), width);

    /// <summary>Adds a table of vectors.</summary>
    /// <param name="name">Name of the table.</param>
    /// <param name="rows">Number of vectors.</param>
    /// <param name="width">Their length.</param>
    /// <returns>Index of the parameter.</returns>
    public int Table(string name, long rows, long width) => Uniform(name + ".weight", [rows, width], width);

    /// <summary>Adds a matrix without a bias.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="inputs">Width of its input.</param>
    /// <param name="outputs">Width of its output.</param>
    /// <param name="shrink">Divisor of the bound of its initial values.</param>
    /// <param name="published">Names of its rows in files for others, where they differ.</param>
    /// <returns>Index of the parameter [outputs, inputs].</returns>
    internal int Matrix(string name, long inputs, long outputs, double shrink = 1, IReadOnlyList<PublishedRows>? published = null) =>
        Add(new ParameterSpec(name + ".weight", [outputs, inputs], ParameterStart.Uniform, 1 / (Math.Sqrt(inputs) * shrink)) { Published = published });

    /// <summary>Adds a matrix without a bias that starts at zero.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="inputs">Width of its input.</param>
    /// <param name="outputs">Width of its output.</param>
    /// <param name="published">Names of its rows in files for others, where they differ.</param>
    /// <returns>Index of the parameter [outputs, inputs].</returns>
    internal int Zero(string name, long inputs, long outputs, IReadOnlyList<PublishedRows>? published = null) =>
        Add(new ParameterSpec(name + ".weight", [outputs, inputs], ParameterStart.Zeros) { Published = published });

    /// <summary>Adds gains without shifts, which do not decay.</summary>
    /// <param name="name">Name of the norm.</param>
    /// <param name="width">Number of gains.</param>
    /// <returns>Index of the parameter.</returns>
    public int Gain(string name, long width) => Add(new ParameterSpec(name + ".weight", [width], ParameterStart.Ones, Decays: false));

    /// <summary>Adds a bias that starts at zero and does not decay.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="width">Width of its output.</param>
    /// <param name="published">Names of its rows in files for others, where they differ.</param>
    /// <returns>Index of the parameter.</returns>
    internal int Shift(string name, long width, IReadOnlyList<PublishedRows>? published = null) =>
        Add(new ParameterSpec(name + ".bias", [width], ParameterStart.Zeros, Decays: false) { Published = published });

    /// <summary>Name of the n-th layer of a kind: <c>hidden.0</c>.</summary>
    /// <param name="kind">Kind of layer.</param>
    /// <param name="index">From 0.</param>
    public static string Numbered(string kind, int index) => string.Create(CultureInfo.InvariantCulture, $"{kind}.{index}");

    private int Uniform(string name, long[] shape, long fanIn) =>
        Add(new ParameterSpec(name, shape, ParameterStart.Uniform, 1 / Math.Sqrt(fanIn)));

    private int Add(ParameterSpec spec)
    {
        _specs.Add(spec);
        return _specs.Count - 1;
    }
}
