using System.Reflection;

namespace Sisa.Core.Tests;

public sealed class LayeringTests
{
    [Fact]
    public void Core_uses_nothing_but_the_base_class_library()
    {
        IEnumerable<string> references = Assembly.Load("Sisa.Core").GetReferencedAssemblies().Select(reference => reference.Name!);

        Assert.All(references, name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
    }
}
