namespace Sisa.Core.Tests;

public sealed class SisaExceptionTests
{
    public static TheoryData<SisaException, int> Codes() => new()
    {
        { new NotFoundException("m", "h"), 1 },
        { new CorpusException("m", "h"), 65 },
        { new StoreException("m", "h"), 65 },
        { new EnvironmentException("m", "h"), 69 },
        { new StorageIoException("m", "h"), 74 },
        { new StoreBusyException("m", "h"), 75 },
        { new InterruptedException("m", "h"), 75 },
        { new RecipeException(["m"], "h"), 78 },
    };

    [Theory]
    [MemberData(nameof(Codes), DisableDiscoveryEnumeration = true)]
    public void Every_fault_has_its_exit_code_and_its_hint(SisaException fault, int code)
    {
        Assert.Equal(code, (int)fault.ExitCode);
        Assert.Equal("h", fault.Hint);
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
        Assert.Contains("--print-recipe", fault.Hint, StringComparison.Ordinal);
        Assert.Equal("The recipe has a fault: one", new RecipeException(["one"]).Message);
    }
}
