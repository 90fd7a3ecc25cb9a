namespace Sisa.Checker;

/// <summary>Checks what must hold of every store at every moment, from its rows and files, without any of the product's code.</summary>
/// <remarks>
/// I1 no forgotten id in a lineage that is served; I2 every file that is referred to exists with its digest; I3 what is called done is done;
/// I4 what was acknowledged is there; I5 every certificate verifies and is in the log; I6 the log only grows; I7 the epoch never falls;
/// I8 SQLite's own checks; I9 nothing is left over. I10, that recovering twice changes nothing, is for whoever recovers: <see cref="StoreState"/>.
/// Rows are read at one moment, files after it: while another process trains, files may be gone that its rows named.
/// </remarks>
public static class StoreChecker
{
    /// <summary>Checks a store.</summary>
    /// <param name="store">Its folder.</param>
    /// <param name="options">What may be expected of it; by default only what holds at every moment, also right after a crash.</param>
    public static CheckReport Check(string store, CheckOptions? options = null)
    {
        options ??= new CheckOptions();
        var faults = new FaultList();
        var unknown = 0;
        faults.Within("I8", "The store", () =>
        {
            using var rows = StoreRows.Open(store);
            var files = new FileCheck(rows, faults);
            files.Run();
            var lineages = new LineageCheck(rows, files, options, faults);
            lineages.Run();
            unknown = lineages.Unknown.Count;
            new RequestCheck(rows, options, faults).Run();
            new EvidenceCheck(rows, options, faults).Run();
            new LeftoverCheck(rows, options, faults).Run();
        });
        return new CheckReport(faults.All, unknown);
    }
}
