using Sisa.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Steps;
using Sisa.Training;

namespace Sisa.Torch.Perceptron;

/// <summary>One optimizer step of a multi-layer perceptron with the backward pass written out: no library, no allocation.</summary>
/// <remarks>
/// For plain SGD the product that would give a weight's gradient updates the weight itself: W ← (1 − ηλ)W − η/B · dYᵀX. Other optimizers get the gradients in flat memory. A batch is computed in groups of sixteen
/// items, whose sums are added to the target one group after the other. Not thread-safe.
/// </remarks>
internal sealed class PerceptronStep : IDisposable
{
    private readonly PerceptronState _state;
    private readonly TrainingOptions _options;
    private readonly Activation _activation;
    private readonly PerceptronLayer[] _layers;
    private double _lossSum;
    private long _lossCount;

    /// <summary>Allocates the layers' buffers.</summary>
    /// <param name="architecture">The model.</param>
    /// <param name="state">Its parameters and their optimizer's state.</param>
    /// <param name="options">Batch size, and what the state was made from.</param>
    public PerceptronStep(MlpArchitecture architecture, PerceptronState state, TrainingOptions options)
    {
        (_state, _options, _activation) = (state, options, architecture.Activation);
        _layers = [.. architecture.Layers.Select(layer => new PerceptronLayer(layer.Weight, layer.Bias, checked((int)state.Layout.Specs[layer.Bias].Count), options.BatchSize))];
    }

    private bool UpdatesDirectly => _options is { Optimizer: OptimizerKind.Sgd, Momentum: 0, Clip: 0 };

    /// <summary>Forward, backward, update.</summary>
    /// <param name="batch">A filled batch.</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    public void Run(PerceptronBatch batch, double learningRate)
    {
        for (var group = 0; group < batch.GroupCount; group++)
        {
            Forward(batch, group);
            _lossSum += Lose(batch, group);
        }

        _lossCount += batch.Count;
        for (var i = _layers.Length - 1; i >= 0; i--)
        {
            for (var group = 0; group < batch.GroupCount && i > 0; group++)
            {
                var below = _layers[i - 1];
                LaneProducts.Backward(Weight(i), _layers[i].Gradients(group), below.Gradients(group));
                Activations.Differentiate(_activation, below.Gradients(group), below.Outputs(group));
            }

            Accumulate(batch, i, learningRate);
        }

        if (UpdatesDirectly)
        {
            _state.StepCount++;
        }
        else
        {
            _state.Step(learningRate);
        }
    }

    /// <summary>The losses since the last call.</summary>
    public LossSum TakeLoss()
    {
        var sum = new LossSum(_lossSum, _lossCount);
        (_lossSum, _lossCount) = (0, 0);
        return sum;
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_layers, layer => layer.Dispose());

    private Span<float> Weight(int layer) => _state.Layout.Part(_state.Values, _layers[layer].Weight);

    private Span<float> Bias(int layer) => _state.Layout.Part(_state.Values, _layers[layer].Bias);

    private void Forward(PerceptronBatch batch, int group)
    {
        for (var i = 0; i < _layers.Length; i++)
        {
            var outputs = _layers[i].Outputs(group);
            LaneProducts.Forward(Weight(i), Bias(i), i == 0 ? batch.Lanes(group) : _layers[i - 1].Outputs(group), outputs);
            if (i < _layers.Length - 1)
            {
                Activations.Activate(_activation, outputs);
                LaneRows.ToRows(outputs, _layers[i].Width, _layers[i].Rows(group));
            }
        }
    }

    private double Lose(PerceptronBatch batch, int group)
    {
        var last = _layers[^1];
        last.Outputs(group).CopyTo(last.Gradients(group));
        return LaneLoss.CrossEntropy(last.Gradients(group), batch.Labels(group));
    }

    private void Accumulate(PerceptronBatch batch, int layer, double learningRate)
    {
        var (start, alpha) = UpdatesDirectly ? ((float)(1 - (learningRate * _options.WeightDecay)), (float)(-learningRate / batch.Count)) : (0, (float)(1.0 / batch.Count));
        var memory = UpdatesDirectly ? _state.Values : _state.Gradients;
        var weight = _state.Layout.Part(memory, _layers[layer].Weight);
        var bias = _state.Layout.Part(memory, _layers[layer].Bias);
        for (var group = 0; group < batch.GroupCount; group++)
        {
            var beta = group == 0 ? start : 1;
            var items = layer == 0 ? batch.Rows(group) : _layers[layer - 1].Rows(group);
            var count = batch.Labels(group).Length;
            LaneProducts.Accumulate(weight, _layers[layer].Gradients(group), items, items.Length / LaneProducts.Count, count, beta, alpha);
            LaneLoss.AccumulateBias(bias, _layers[layer].Gradients(group), count, beta, alpha);
        }
    }
}
