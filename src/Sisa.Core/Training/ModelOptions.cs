using System.Text.Json.Serialization;

namespace Sisa.Training;

/// <summary>The constituent model. One subtype per kind, each with its own sizes.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MlpOptions), "mlp")]
[JsonDerivedType(typeof(CnnOptions), "cnn")]
[JsonDerivedType(typeof(TextClassifierOptions), "text-classifier")]
[JsonDerivedType(typeof(DecoderOptions), "decoder")]
[JsonDerivedType(typeof(AdapterOptions), "adapter")]
public abstract record ModelOptions;

/// <summary>Fully connected layers over dense features.</summary>
public sealed record MlpOptions : ModelOptions
{
    /// <summary>Widths of the hidden layers; none for a linear model.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [128];

    /// <summary>Function after each hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Relu;
}

/// <summary>Convolutions with layer normalisation over an image, then one linear layer.</summary>
public sealed record CnnOptions : ModelOptions
{
    /// <summary>Output channels of the convolutions; each is followed by normalisation, ReLU and 2 × 2 max pooling.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [16, 32];

    /// <summary>Side of the square kernels, odd.</summary>
    public int Kernel { get; init; } = 3;

    /// <summary>Width of the hidden layer between convolutions and output; 0 for none.</summary>
    public int Hidden { get; init; } = 64;
}

/// <summary>Text to label: a bag of token embeddings, or a small transformer encoder.</summary>
public sealed record TextClassifierOptions : ModelOptions
{
    /// <summary>Which of the two.</summary>
    public TextArchitecture Architecture { get; init; } = TextArchitecture.EmbeddingBag;

    /// <summary>Width of the embeddings.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Encoder: number of layers.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Encoder: number of attention heads; divides the width.</summary>
    public int Heads { get; init; } = 4;
}

/// <summary>Shape of a text classifier.</summary>
public enum TextArchitecture
{
    /// <summary>Mean of token embeddings, layer normalisation, linear layer.</summary>
    EmbeddingBag,

    /// <summary>Pre-norm transformer encoder with learnt positions, mean over tokens, linear layer.</summary>
    Encoder,
}

/// <summary>Function after a hidden layer.</summary>
public enum Activation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,
}
