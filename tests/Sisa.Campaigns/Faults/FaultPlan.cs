namespace Sisa.Campaigns.Faults;

/// <summary>What is done to a program, at which of its changes to files.</summary>
/// <param name="What">A word of <c>native/fault.c</c>; empty to count alone.</param>
/// <param name="At">Number of the change, from 1.</param>
/// <param name="Error">The errno that the call answers with, where it fails.</param>
public sealed record FaultPlan(string What, int At, int Error = 0)
{
    /// <summary>ENOSPC: no space left on the device.</summary>
    public const int NoSpace = 28;

    /// <summary>EIO: the device failed.</summary>
    public const int DeviceError = 5;

    /// <summary>EDQUOT: the quota is used up.</summary>
    public const int NoQuota = 122;

    /// <summary>Nothing happens.</summary>
    public static FaultPlan None { get; } = new(string.Empty, 0);

    /// <summary>SIGKILL before a change.</summary>
    public static FaultPlan Kill(int at) => new("kill", at);

    /// <summary>SIGKILL in the middle of a write, or after any other change.</summary>
    public static FaultPlan Torn(int at) => new("torn", at);

    /// <inheritdoc/>
    public override string ToString() => What.Length == 0 ? string.Empty : $"{What} {At} {Error}";
}
