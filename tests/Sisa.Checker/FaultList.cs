namespace Sisa.Checker;

/// <summary>Faults as they are found.</summary>
internal sealed class FaultList
{
    private readonly List<CheckFault> _faults = [];

    public IReadOnlyList<CheckFault> All => _faults;

    public void Add(string invariant, string what) => _faults.Add(new CheckFault(invariant, what));

    public void Unless(bool holds, string invariant, string what)
    {
        if (!holds)
        {
            Add(invariant, what);
        }
    }

    /// <summary>Runs a part of the check; what it cannot even read is a fault as well.</summary>
    public void Within(string invariant, string what, Action part)
    {
        try
        {
            part();
        }
#pragma warning disable CA1031 // Bytes that nobody foresaw break a reader in ways that nobody foresaw; each of them is a fault of the store.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Add(invariant, $"{what} cannot be read: {e.GetType().Name}: {e.Message}");
        }
    }
}
