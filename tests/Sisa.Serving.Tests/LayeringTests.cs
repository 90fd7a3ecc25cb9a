using System.Reflection;

namespace Sisa.Serving.Tests;

public sealed class LayeringTests
{
    [Fact]
    public void Serving_knows_the_layers_below_it_and_no_terminal()
    {
        IEnumerable<string> references = Assembly.Load("Sisa.Serving").GetReferencedAssemblies().Select(reference => reference.Name!);

        Assert.All(references, name => Assert.Matches(@"^(System\.(?!CommandLine).+|netstandard|Sisa\.(Core|Storage|Readers|Engine|Torch|Evaluation))$", name));
    }
}
