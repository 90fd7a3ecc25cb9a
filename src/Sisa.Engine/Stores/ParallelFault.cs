using System.Runtime.ExceptionServices;

namespace Sisa.Engine.Stores;

/// <summary>Work on several threads, of which a fault is told as if there were one.</summary>
internal static class ParallelFault
{
    /// <summary>Does the work. Where it fails on several threads, the first fault is thrown.</summary>
    /// <param name="work">Work that collects the faults of its threads.</param>
    public static void Unwrap(Action work)
    {
        try
        {
            work();
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
