using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Steps;

/// <summary>A step of a multi-layer perceptron on the CPU with the backward pass written out: matrix products by libtorch, loops for
/// the rest, no autograd and no allocation.</summary>
/// <remarks>
/// For plain SGD the product that would give a weight's gradient updates the weight itself: W ← (1 − ηλ)W − η/B · dYᵀX. Other
/// optimizers get the gradients in the flat tensor. Shapes: B items, I inputs and O outputs of a layer. Not thread-safe.
/// </remarks>
internal sealed class LeanMlpStep : ITrainingStep
{
    private readonly Gemm _kernels;
    private readonly MlpArchitecture _architecture;
    private readonly ParameterSet _parameters;
    private readonly Optimizer _optimizer;
    private readonly TrainingOptions _options;
    private readonly Layer[] _layers;
    private double _lossSum;
    private long _lossCount;

    /// <summary>Creates the step.</summary>
    /// <param name="kernels">Matrix products.</param>
    /// <param name="architecture">The model.</param>
    /// <param name="parameters">Its parameters, on the CPU.</param>
    /// <param name="optimizer">The optimizer of the parameters.</param>
    /// <param name="options">Batch size, and what the optimizer was made from.</param>
    public LeanMlpStep(Gemm kernels, MlpArchitecture architecture, ParameterSet parameters, Optimizer optimizer, TrainingOptions options)
    {
        (_kernels, _architecture, _parameters, _optimizer, _options) = (kernels, architecture, parameters, optimizer, options);
        _layers = [.. architecture.Layers.Select(layer => new Layer(parameters, layer, options.BatchSize))];
    }

    private bool UpdatesDirectly => _options is { Optimizer: OptimizerKind.Sgd, Momentum: 0, Clip: 0 };

    /// <inheritdoc/>
    public void Run(Batch batch, double learningRate)
    {
        var x_BI = ((DenseBatch)batch).Features_BF;
        var count = batch.Count;
        Forward(x_BI, count);
        _lossSum += Differentiate(batch.Labels);
        _lossCount += count;
        for (var i = _layers.Length - 1; i >= 0; i--)
        {
            var layer = _layers[i];
            if (i > 0)
            {
                var below = _layers[i - 1];
                _kernels.MultiplyAdd(below.Gradients_BO, below.Gradients_BO, layer.Gradients_BO, layer.Weight_OI, beta: 0, alpha: 1);
                RowKernels.Differentiate(_architecture.Activation, below.Gradients, below.Outputs);
            }

            var input_BI = i == 0 ? x_BI : _layers[i - 1].Outputs_BO;
            if (UpdatesDirectly)
            {
                layer.Accumulate(_kernels, input_BI, layer.Weight_OI, layer.Bias, 1 - (learningRate * _options.WeightDecay), -learningRate / count);
            }
            else
            {
                layer.Accumulate(_kernels, input_BI, layer.WeightGradient_OI, layer.BiasGradient, beta: 0, alpha: 1.0 / count);
            }
        }

        if (UpdatesDirectly)
        {
            _optimizer.StepCount++;
        }
        else
        {
            _optimizer.Step(learningRate);
        }

        // The layers' spans point into tensors that only the parameters own.
        GC.KeepAlive(_parameters);
    }

    /// <inheritdoc/>
    public LossSum TakeLoss()
    {
        var sum = new LossSum(_lossSum, _lossCount);
        (_lossSum, _lossCount) = (0, 0);
        return sum;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in _layers)
        {
            layer.Dispose();
        }
    }

    private void Forward(torch.Tensor x_BI, int count)
    {
        foreach (var layer in _layers)
        {
            layer.Resize(count);
            _kernels.MultiplyAdd(layer.Outputs_BO, layer.Bias_O, x_BI, layer.Weight_IO, beta: 1, alpha: 1);
            if (layer != _layers[^1])
            {
                RowKernels.Activate(_architecture.Activation, layer.Outputs);
            }

            x_BI = layer.Outputs_BO;
        }
    }

    // The last layer's outputs become its gradients, in place.
    private double Differentiate(ReadOnlySpan<int> labels)
    {
        var output = _layers[^1];
        double losses = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            losses += RowKernels.CrossEntropy(output.Outputs.Slice(i * output.Width, output.Width), labels[i]);
        }

        output.OutputsAreGradients();
        return losses;
    }

    /// <summary>One layer: views of its parameters, buffers for its outputs and their gradients.</summary>
    private sealed class Layer : IDisposable
    {
        private readonly ParameterSet _parameters;
        private readonly LinearLayer _layer;
        private readonly HostTensor<float> _outputs;
        private readonly HostTensor<float> _gradients;
        private torch.Tensor? _gradients_OB;
        private int _count;

        public Layer(ParameterSet parameters, LinearLayer layer, int batchSize)
        {
            (_parameters, _layer) = (parameters, layer);
            Width = checked((int)parameters.Specs[layer.Bias].Count);
            Weight_IO = Weight_OI.t().DetachFromDisposeScope();
            WeightGradient_OI = parameters.View(parameters.Gradients!, layer.Weight);
            var padded = (checked(batchSize * Width) + ParameterSet.Alignment - 1) / ParameterSet.Alignment * ParameterSet.Alignment;
            _outputs = new HostTensor<float>(padded, torch.CPU);
            _gradients = new HostTensor<float>(padded, torch.CPU);
            Outputs_BO = Gradients_BO = _outputs.View(0, Width);
        }

        public int Width { get; }

        public torch.Tensor Weight_OI => _parameters[_layer.Weight];

        public torch.Tensor Weight_IO { get; }

        public torch.Tensor Bias_O => _parameters[_layer.Bias];

        public Span<float> Bias => Part(_parameters.Values);

        public torch.Tensor WeightGradient_OI { get; }

        public Span<float> BiasGradient => Part(_parameters.Gradients!);

        public torch.Tensor Outputs_BO { get; private set; }

        public torch.Tensor Gradients_BO { get; private set; }

        // Whole vectors, a little beyond the last item.
        public Span<float> Outputs => Padded(_outputs);

        public Span<float> Gradients => Padded(_gradients);

        public void Resize(int count)
        {
            if (count == _count)
            {
                return;
            }

            _count = count;
            Outputs_BO = _outputs.View(count, Width);
            Gradients_BO = _gradients.View(count, Width);
            _gradients_OB?.Dispose();
            _gradients_OB = Gradients_BO.t().DetachFromDisposeScope();
        }

        // Only the last layer: its softmax is computed where its logits lie.
        public void OutputsAreGradients()
        {
            if (!ReferenceEquals(Gradients_BO, Outputs_BO))
            {
                Gradients_BO = Outputs_BO;
                _gradients_OB?.Dispose();
                _gradients_OB = Gradients_BO.t().DetachFromDisposeScope();
            }
        }

        public void Accumulate(Gemm kernels, torch.Tensor input_BI, torch.Tensor weight_OI, Span<float> bias, double beta, double alpha)
        {
            kernels.MultiplyAdd(weight_OI, weight_OI, _gradients_OB!, input_BI, beta, alpha);
            RowKernels.AddColumnSums(bias, ReferenceEquals(Gradients_BO, Outputs_BO) ? Outputs : Gradients, _count, (float)beta, (float)alpha);
        }

        public void Dispose()
        {
            Weight_IO.Dispose();
            WeightGradient_OI.Dispose();
            _gradients_OB?.Dispose();
            _outputs.Dispose();
            _gradients.Dispose();
        }

        private Span<float> Part(torch.Tensor flat) =>
            ParameterSet.Memory(flat).Slice(checked((int)_parameters.Offset(_layer.Bias)), Width);

        private Span<float> Padded(HostTensor<float> buffer) =>
            buffer.Memory[..(((_count * Width) + 7) / 8 * 8)];
    }
}
