using Sisa.Training;

namespace Sisa.Readers.Tests;

public sealed class JoinedFieldsTests
{
    [Fact]
    public void Different_fields_never_give_the_same_name()
    {
        // Every text of up to four characters of those that matter.
        string[] parts = [string.Empty];
        for (var length = 0; length < 4; length++)
        {
            parts = [.. parts.Concat(parts.SelectMany(part => new[] { part + "a", part + "/", part + "\\" })).Distinct(StringComparer.Ordinal)];
        }

        var names = parts.SelectMany(first => parts.Select(second => JoinedFields.Name([first, second], FieldJoining.Escaped))).ToArray();

        Assert.Equal(parts.Length * parts.Length, names.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("a/b", "c", "a\\/b/c")]
    [InlineData("a", "b/c", "a/b\\/c")]
    [InlineData("a\\", "c", "a\\\\/c")]
    [InlineData("a\\b", "c", "a\\b/c")]
    public void A_joint_in_the_data_has_a_backslash_before_it(string first, string second, string expected) =>
        Assert.Equal(expected, JoinedFields.Name([first, second], FieldJoining.Escaped));

    [Fact]
    public void One_field_and_stores_made_before_keep_their_names()
    {
        Assert.Equal("a/b\\", JoinedFields.Name(["a/b\\"], FieldJoining.Escaped));
        Assert.Equal("a/b/c", JoinedFields.Name(["a/b", "c"], FieldJoining.Plain));
    }
}
