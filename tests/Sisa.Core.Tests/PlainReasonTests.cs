using System.Text;
using System.Text.Json;
using Sisa.TestKit.Messages;

namespace Sisa.Core.Tests;

/// <summary>Reasons that a person reads are the project's words, whatever the runtime said.</summary>
public class PlainReasonTests
{
    public static TheoryData<Exception, string> Reasons() => new()
    {
        { new UnauthorizedAccessException("Access to the path '/x' is denied."), "permission denied" },
        { new FileNotFoundException("Could not find file '/x'."), "there is no such file" },
        { new DirectoryNotFoundException("Could not find a part of the path '/x/y'."), "a folder of its path does not exist" },
        { new PathTooLongException("The specified file name or path is too long."), "the path is too long" },
        { new EndOfStreamException("Unable to read beyond the end of the stream."), "it ends too early" },
        { new DecoderFallbackException("Unable to translate bytes [FF] at index 0."), "it is not valid UTF-8" },
        { new OverflowException("Arithmetic operation resulted in an overflow."), "a number is too large" },
        { new KeyNotFoundException("The given key 'stage' was not present in the dictionary."), "the member 'stage' is missing" },
        { new IOException("No space left on device : '/x'", 28), "no space left on device" },
        { new IOException("Der Datenträger ist voll. Mehr dazu im Handbuch."), "der Datenträger ist voll" },
        { new ArgumentException("Value does not fall within the expected range. (Parameter 'x')"), "a part of it does not have the expected form" },
        { new MalformedException("Its header is of 3 bytes."), "its header is of 3 bytes" },
        { new MalformedJsonException("a list holds 'null' at byte 3"), "a list holds 'null' at byte 3" },
        { new StoreException("/x/recipe.yaml is empty.", "Write one."), "/x/recipe.yaml is empty" },
    };

    [Theory]
    [MemberData(nameof(Reasons), DisableDiscoveryEnumeration = true)]
    public void A_reason_is_in_the_projects_words(Exception cause, string reason) => Assert.Equal(reason, PlainReason.Of(cause));

    [Fact]
    public void The_runtimes_words_stay_foreign_where_the_compiler_moved_the_throw_into_the_project() =>
        Assert.Equal("permission denied", PlainReason.Of(new UnauthorizedAccessException("Access to the path '/x' is denied.") { Source = "Sisa.Engine" }));

    [Theory]
    [InlineData("""{"name":1}""", "the value at $.name is of another kind than expected")]
    [InlineData("{", "it is not JSON at line 1, byte 2")]
    [InlineData("\n\n  nonsense", "it is not JSON at line 3, byte 4")]
    [InlineData("[]", "its value is of another kind than expected")]
    [InlineData("""{"other":"x"}""", "it lacks 'name'")]
    public void What_the_serializer_refuses_is_told_by_place_and_name(string json, string reason)
    {
        var fault = Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<Named>(json, JsonSerializerOptions.Web));

        Assert.Equal(reason, PlainReason.Of(fault));
    }

    [Theory]
    [InlineData("error: Row 1 has 1 items.", "one of something, in the plural")]
    [InlineData("error: It has 2 item left.", "many of something, in the singular")]
    [InlineData("error: It ends here", "no full stop at its end")]
    [InlineData("error: System.IO.IOException: gone.", "the words of a library or of the runtime (Exception)")]
    [InlineData("error: It ends twice..", "two full stops")]
    public void The_rules_of_messages_see_what_breaks_them(string message, string rule) => Assert.Contains(rule, MessageRules.Broken(message));

    [Theory]
    [InlineData("""{"a":1}""", "an object")]
    [InlineData("[1]", "a list")]
    [InlineData("\"gelu\"", "\"gelu\"")]
    [InlineData("1e400", "1e400")]
    [InlineData("null", "null")]
    public void A_value_of_JSON_is_shown_by_its_kind_or_as_it_is_written(string json, string shown)
    {
        using var document = JsonDocument.Parse(json);

        Assert.Equal(shown, JsonShown.Of(document.RootElement));
    }

    [Fact]
    public void A_long_value_of_JSON_is_cut_between_characters()
    {
        using var document = JsonDocument.Parse($"\"{new string('a', 58)}{string.Concat(Enumerable.Repeat("😀", 10))}\"");

        Assert.Equal($"\"{new string('a', 58)}…", JsonShown.Of(document.RootElement));
    }

    private sealed record Named
    {
        public required string Name { get; init; }
    }
}
