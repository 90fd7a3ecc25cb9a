using Sisa.Evidence;
using Sisa.Forgetting;

namespace Sisa.Core.Tests.Evidence;

public sealed class LogEntryTests
{
    private static readonly LogEntry Entry = new()
    {
        Event = LogEvent.FallbackPublished,
        At = new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero),
        Epoch = 2,
        Request = "r+1",
        Reason = ForgetReason.Privacy,
    };

    [Fact]
    public void A_line_has_the_documented_form_and_is_read_back()
    {
        Assert.Equal("""{"event":"fallback-published","at":"2026-05-04T03:02:01+00:00","epoch":2,"request":"r+1","reason":"privacy"}""", Entry.ToLine());
        Assert.Equal(Entry, LogEntry.Read(Entry.ToLine()));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"event":1,"at":"2026-05-04T03:02:01+00:00","epoch":2}""")]
    [InlineData("""{"event":"unheard-of","at":"2026-05-04T03:02:01+00:00","epoch":2}""")]
    [InlineData("""{"event":"opened","at":"2026-05-04T03:02:01+00:00","epoch":2,"marks":[{"kind":"item"}]}""")]
    [InlineData("""{"event":"opened","at":"2026-05-04T03:02:01+00:00","epoch":2,"marks":[{"kind":null,"mark":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]}""")]
    [InlineData("""{"event":"opened","at":"2026-05-04T03:02:01+00:00","epoch":2,"more":true}""")]
    public void Anything_else_is_no_entry(string line) => Assert.Throws<EvidenceException>(() => LogEntry.Read(line));
}
