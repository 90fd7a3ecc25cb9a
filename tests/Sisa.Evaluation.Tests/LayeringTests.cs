using System.Reflection;

namespace Sisa.Evaluation.Tests;

public sealed class LayeringTests
{
    [Fact]
    public void Evaluation_knows_neither_stores_nor_tensors()
    {
        IEnumerable<string> references = Assembly.Load("Sisa.Evaluation").GetReferencedAssemblies().Select(reference => reference.Name!);

        Assert.All(references, name => Assert.Matches(@"^(System\..+|netstandard|Sisa\.Core|Sisa\.Readers)$", name));
    }
}
