using System.Runtime.CompilerServices;

namespace Sisa.TestKit;

/// <summary>What the programs that tests start have in their environment.</summary>
/// <remarks>They live for a second or two, most of it compilation. By default the runtime compiles what was called thirty times once more, and better, after a tenth of a second; a program that ends soon never earns that back.
/// With a second's patience <c>train</c>, <c>forget</c> and <c>verify --rerun</c> need a quarter less of a processor. What is computed does not change.</remarks>
internal static class StartedPrograms
{
    private const string Patience = "DOTNET_TC_CallCountingDelayMs";

    // Every test that starts a program uses this assembly before.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Patience) is null)
        {
            // Hexadecimal, as the runtime reads it: a thousand milliseconds.
            Environment.SetEnvironmentVariable(Patience, "3E8");
        }
    }
}
