using System.Runtime.CompilerServices;
using Sisa.Cli.Starting;

namespace Sisa.Cli;

/// <summary>The command line of Sisa, for a program that brings kinds of model or formats of its own.</summary>
/// <remarks><code>return SisaProgram.Create(args).AddModel&lt;TabularResNet&gt;("tabular-resnet").Run(SisaCommandLine.Run);</code></remarks>
public static class SisaCommandLine
{
    /// <summary>Does what the arguments of the process ask for.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments)
    {
        if (ProcessStart.Check() is { } code)
        {
            return code;
        }

        try
        {
            return Parse(arguments);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or StackOverflowException))
        {
            return ProcessStart.GiveUp(e);
        }
    }

    // Not inlined: what it needs is loaded when it is called, and not before the process was looked at.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Parse(string[] arguments) => Program.Run(arguments);
}
