using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Sisa.Torch.Data;

/// <summary>A buffer that the program fills and a model reads: one tensor on the CPU, copied to the device if that is another one.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="long"/>.</typeparam>
/// <remarks>Allocated once, used for every batch. Not thread-safe.</remarks>
internal sealed unsafe class HostTensor<T> : IDisposable
    where T : unmanaged
{
    private readonly torch.Tensor _host;
    private readonly torch.Tensor _device;
    private readonly T* _memory;
    private readonly int _count;
    private torch.Tensor? _view;
    private long _rows = -1;
    private long _columns = -1;

    /// <summary>Allocates the buffer, zero.</summary>
    /// <param name="count">Most elements.</param>
    /// <param name="device">Where the model runs.</param>
    public HostTensor(int count, torch.Device device)
    {
        _count = Math.Max(count, 1);
        var type = typeof(T) == typeof(float) ? torch.float32 : torch.int64;
        _host = torch.zeros(_count, type).DetachFromDisposeScope();
        _device = device.type == DeviceType.CPU ? _host : torch.zeros(_count, type, device).DetachFromDisposeScope();
        _memory = (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_host.bytes));
    }

    /// <summary>The elements. Valid until <see cref="Dispose"/>.</summary>
    public Span<T> Memory => new(_memory, _count);

    /// <summary>The first elements as a tensor on the device, after what <see cref="Memory"/> holds now was copied there.</summary>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns of the matrix; 0 for a vector.</param>
    /// <returns>A tensor that this buffer owns; valid until the next call.</returns>
    public torch.Tensor View(long rows, long columns = 0)
    {
        var count = columns == 0 ? rows : rows * columns;
        if (rows != _rows || columns != _columns)
        {
            _view?.Dispose();
            using var part = _device.narrow(0, 0, count);
            _view = (columns == 0 ? part.alias() : part.view(rows, columns)).DetachFromDisposeScope();
            (_rows, _columns) = (rows, columns);
        }

        if (!ReferenceEquals(_host, _device))
        {
            using var source = _host.narrow(0, 0, count);
            using var target = _device.narrow(0, 0, count);
            target.copy_(source);
        }

        return _view!;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view?.Dispose();
        _host.Dispose();
        _device.Dispose();
    }
}
