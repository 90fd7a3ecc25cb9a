namespace Sisa.Core.Tests.Faults;

public sealed class SisaExceptionTests
{
    public static TheoryData<SisaException, FaultKind> Kinds() => new()
    {
        { new NotFoundException("m", "h"), FaultKind.NotFound },
        { new CorpusException("m", "h"), FaultKind.Data },
        { new StoreException("m", "h"), FaultKind.Data },
        { new EnvironmentException("m", "h"), FaultKind.Unavailable },
        { new StorageIoException("m", "h"), FaultKind.InputOutput },
        { new StoreBusyException("m", "h"), FaultKind.Busy },
        { new InterruptedException("m", "h"), FaultKind.Interrupted },
        { new RecipeException(["m"], "h"), FaultKind.Recipe },
    };

    [Theory]
    [MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public void Every_fault_has_its_kind_and_its_remedy(SisaException fault, FaultKind kind)
    {
        Assert.Equal(kind, fault.Kind);
        Assert.Equal("h", fault.Remedy?.ToString());
    }

    [Theory]
    [InlineData(null, null, "Bad.")]
    [InlineData("a.jsonl", null, "a.jsonl: Bad.")]
    [InlineData("a.jsonl", 7L, "a.jsonl:7: Bad.")]
    public void A_corpus_fault_puts_its_place_in_front(string? file, long? row, string message)
    {
        var fault = new CorpusException("Bad.", null, file, row);

        Assert.Equal(message, fault.Message);
        Assert.Equal((file, row), (fault.File, fault.Row));
    }

    [Fact]
    public void A_recipe_fault_lists_every_fault_and_where_to_look()
    {
        var fault = new RecipeException(["one", "two"]);

        Assert.Equal("The recipe has 2 faults:\n  one\n  two", fault.Message);
        Assert.Equal(["one", "two"], fault.Faults);
        Assert.Contains(fault.Remedy!.Parts, part => part.Step == Step.PrintRecipe);
        Assert.Equal("The recipe has a fault: one", new RecipeException(["one"]).Message);
    }
}
