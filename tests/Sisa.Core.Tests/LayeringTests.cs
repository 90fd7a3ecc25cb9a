using System.Reflection;

namespace Sisa.Core.Tests;

public sealed class LayeringTests
{
    [Fact]
    public void Core_uses_nothing_but_the_base_class_library()
    {
        IEnumerable<string> references = Assembly.Load("Sisa.Core").GetReferencedAssemblies().Select(reference => reference.Name!);

        // netstandard, a facade of the same library, comes in when coverage has instrumented the assembly.
        Assert.All(references, name => Assert.Matches(@"^(System\..+|netstandard)$", name));
    }
}
