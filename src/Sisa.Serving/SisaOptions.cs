using Sisa.Engine.Training;
using Sisa.Engine.Training.Launching;
using Sisa.Serving.Bundles;

namespace Sisa.Serving;

/// <summary>How a <see cref="SisaStore"/> works.</summary>
public sealed record SisaOptions
{
    /// <summary>Worker processes that train, each one shard at a time. Default 0: this process trains, one shard after another.</summary>
    public int Workers { get; init; }

    /// <summary>The program that workers run. Default: this program, which must be built on <see cref="SisaProgram"/>. The program <c>sisa</c> is one too.</summary>
    public WorkerCommand? Worker { get; init; }

    /// <summary>The passphrase of the signing keys. Default: none, for keys that are not encrypted.</summary>
    public string? Passphrase { get; init; }

    /// <summary>Where answers are computed: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. Default: where the recipe trains.</summary>
    public string? Device { get; init; }

    /// <summary>How long training, ingestion and certification wait for a store that another process holds. Default: one hour. A receipt never waits for it.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a receipt waits for another process that is writing to the manifest. Default: ten minutes, which is longer than the largest ingestion writes.</summary>
    public TimeSpan ReceiptTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a question about the store, such as its status, waits for its manifest. Default: 30 seconds.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the store is looked at for what other processes did. Default: every 20 milliseconds; a look at which nothing was committed reads one number.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Source of times. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Receives the progress of training, on the writing thread. Default: none.</summary>
    public ITrainingProgress? Progress { get; init; }

    /// <summary>Receives notices for the operator, as sentences and on any thread. Default: none.</summary>
    public Action<string>? OnNotice { get; init; }

    /// <summary>Refuses values that mean nothing.</summary>
    /// <exception cref="ArgumentException">One does.</exception>
    internal void Require()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Workers);
        ArgumentNullException.ThrowIfNull(Clock);
        ArgumentOutOfRangeException.ThrowIfLessThan(Patience, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReceiptTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(QueryTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WatchInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(WatchInterval, TimeSpan.FromDays(1));
        if (Device is not null && !ServingDevice.IsName(Device))
        {
            throw new ArgumentException($"The device '{Device}' is unknown; expected cpu, cuda, or cuda:N with the number of a device.", nameof(Device));
        }
    }
}
