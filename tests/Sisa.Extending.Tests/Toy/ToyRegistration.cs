using System.Runtime.CompilerServices;
using Sisa.Models;
using Sisa.Readers.Formats;
using Sisa.Readers.Recipes.Models;
using Sisa.Torch.Models;

namespace Sisa.Extending.Tests.Toy;

/// <summary>What a program with a kind of model and a format of its own calls when it starts.</summary>
internal static class ToyRegistration
{
    public static ModelKind Kind { get; } = Register();

    // Every test of this process reads recipes: the kind must be there before the first one.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run() => RuntimeHelpers.RunClassConstructor(typeof(ToyRegistration).TypeHandle);

    private static ModelKind Register()
    {
        var kind = ModelKinds.Add<ToyOptions>("toy");
        ModelKeys.Add(new ToyKeys(kind));
        ArchitectureKind.Add(ToyArchitecture.Describe(kind));
        RowFormat.Add(ToySource.Format);
        return kind;
    }
}
