using System.Runtime.InteropServices;
using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Models;

/// <summary>The parameters of one constituent: views into one flat float32 tensor, their gradients views into another.</summary>
/// <remarks>
/// So an optimizer is one pass over flat memory and a checkpoint one copy. Not thread-safe.
/// </remarks>
public sealed class ParameterSet : IDisposable
{
    private readonly FlatAllocator _allocate;
    private readonly torch.Tensor[] _views;
    private readonly List<torch.Tensor> _gradientViews = [];
    private readonly List<(int Table, torch.Tensor Indices, torch.Tensor Rows)> _lookups = [];

    /// <summary>Creates parameters, all zero.</summary>
    /// <param name="specs">The parameters in order.</param>
    /// <param name="device">Where they live.</param>
    /// <param name="allocate">Allocates memory for each flat tensor on that device; <see langword="null"/> for unshared memory.</param>
    internal ParameterSet(IReadOnlyList<ParameterSpec> specs, torch.Device device, FlatAllocator? allocate = null)
    {
        Layout = new ParameterLayout(specs);
        _allocate = allocate ?? (floats => torch.zeros(floats, torch.float32, device).DetachFromDisposeScope());
        Values = _allocate(Layout.Length);
        _views = [.. specs.Select((_, i) => View(Values, i))];
    }

    /// <summary>The parameters in order, and their places.</summary>
    internal ParameterLayout Layout { get; }

    /// <summary>The parameters in order.</summary>
    public IReadOnlyList<ParameterSpec> Specs => Layout.Specs;

    /// <summary>All values, flat.</summary>
    public torch.Tensor Values { get; }

    /// <summary>All gradients, flat, once <see cref="RequireGradients"/> or <see cref="CreateGradients"/> was called.</summary>
    public torch.Tensor? Gradients { get; private set; }

    /// <summary>Whether the parameters are in memory that the CPU reads.</summary>
    public bool IsOnCpu => Values.device_type == DeviceType.CPU;

    /// <summary>One parameter.</summary>
    /// <param name="index">Its index among the specs.</param>
    public torch.Tensor this[int index] => _views[index];

    /// <summary>First element of a parameter within <see cref="Values"/>.</summary>
    /// <param name="index">Its index among the specs.</param>
    public long Offset(int index) => Layout.Offset(index);

    /// <summary>The part of a flat tensor that belongs to one parameter, in its shape; owned by the caller.</summary>
    /// <param name="flat">A tensor in the layout of <see cref="Values"/>.</param>
    /// <param name="index">Index of the parameter.</param>
    public torch.Tensor View(torch.Tensor flat, int index)
    {
        using var part = flat.narrow(0, Offset(index), Specs[index].Count);
        return part.view(Specs[index].Shape).DetachFromDisposeScope();
    }

    /// <summary>The flat memory of a tensor on the CPU.</summary>
    /// <param name="flat">A contiguous float32 tensor on the CPU; must outlive the span.</param>
    public static Span<float> Memory(torch.Tensor flat) => MemoryMarshal.Cast<byte, float>(flat.bytes);

    /// <summary>Fills a flat tensor on any device.</summary>
    /// <param name="flat">A tensor in the layout of <see cref="Values"/>. The caller keeps it.</param>
    /// <param name="byCopy">Whether to fill a tensor of the host first, as a device needs it. A test does so without one.</param>
    /// <param name="fill">Fills the flat memory. The gaps between parameters are zero, and must remain so.</param>
    internal static void Fill(torch.Tensor flat, bool byCopy, FlatFiller fill)
    {
        using var host = byCopy ? torch.zeros(flat.NumberOfElements) : flat.alias();
        fill(Memory(host));
        if (byCopy)
        {
            // Like every call that works in place, this returns its tensor, not another one to dispose of.
            flat.copy_(host);
        }
    }

    /// <summary>Sets all values from tensors that are named and divided as files for others have them.</summary>
    /// <param name="read">Reads one tensor.</param>
    internal void SetPublished(PublishedReader read) => Fill(Values, byCopy: !IsOnCpu, memory =>
    {
        for (var i = 0; i < Specs.Count; i++)
        {
            foreach (var tensor in PublishedTensor.Of([Specs[i]]))
            {
                read(tensor, memory.Slice(checked((int)(Offset(i) + tensor.FirstElement)), checked((int)tensor.Count)));
            }
        }
    });

    /// <summary>Sets the initial values, each parameter from its own stream (rule E3).</summary>
    /// <param name="seed">The recipe's seed.</param>
    /// <param name="shard">Number of the shard, or −1 if all shards start from one state.</param>
    public void Initialise(ulong seed, int shard)
    {
        var values = new float[Values.NumberOfElements];
        Layout.Initialise(values, seed, shard);
        using var source = torch.tensor(values);
        Values.copy_(source);
    }

    /// <summary>Creates <see cref="Gradients"/>, zero.</summary>
    public void CreateGradients() => Gradients ??= Allocate();

    /// <summary>A further flat tensor of zeros in the layout of <see cref="Values"/>. The caller owns it.</summary>
    public torch.Tensor Allocate() => _allocate(Layout.Length);

    /// <summary>Makes the views leaves of autograd whose gradients accumulate in place in <see cref="Gradients"/>.</summary>
    public void RequireGradients()
    {
        CreateGradients();
        for (var i = 0; i < _views.Length; i++)
        {
            // A view of the flat tensor is detached, so that autograd sees a leaf; it still shares the memory.
            using var view = _views[i];
            _views[i] = view.detach().requires_grad_().DetachFromDisposeScope();
            var gradient = View(Gradients!, i);
            _views[i].grad = gradient;
            _gradientViews.Add(gradient);
        }
    }

    /// <summary>Rows of a table.</summary>
    /// <param name="table">Index of the parameter [rows, width].</param>
    /// <param name="indices">Numbers of the rows.</param>
    /// <returns>[indices, width], in the current dispose scope.</returns>
    /// <remarks>In training the rows are leaves of autograd themselves, and <see cref="AddLookupGradients"/> brings their gradients
    /// home: through autograd each step would make, fill and add a gradient as large as the table.</remarks>
    public torch.Tensor Lookup(int table, torch.Tensor indices)
    {
        if (_gradientViews.Count == 0 || !torch.is_grad_enabled())
        {
            return _views[table].index_select(0, indices);
        }

        using var view = _views[table].detach();
        var rows = view.index_select(0, indices).requires_grad_();
        _lookups.Add((table, indices, rows));
        return rows;
    }

    /// <summary>Adds the gradients of all rows that were looked up since the last call; belongs after every backward pass.</summary>
    public void AddLookupGradients()
    {
        foreach (var (table, indices, rows) in _lookups)
        {
            _gradientViews[table].AddRows(indices, rows.grad!);
        }

        _lookups.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var view in _views)
        {
            view.Dispose();
        }

        foreach (var view in _gradientViews)
        {
            view.Dispose();
        }

        Gradients?.Dispose();
        Values.Dispose();
    }
}

/// <summary>Gives the memory of a flat tensor.</summary>
/// <param name="floats">Its length, a multiple of <see cref="ParameterLayout.Alignment"/>.</param>
/// <returns>A contiguous float32 tensor, zero, outside dispose scopes; the caller's.</returns>
internal delegate torch.Tensor FlatAllocator(long floats);

/// <summary>Fills the flat memory of parameters.</summary>
/// <param name="memory">The memory, with its gaps.</param>
internal delegate void FlatFiller(Span<float> memory);

/// <summary>Reads a tensor as files for others have it.</summary>
/// <param name="tensor">Its name and shape there.</param>
/// <param name="destination">Receives its elements, row-major.</param>
internal delegate void PublishedReader(PublishedTensor tensor, Span<float> destination);
