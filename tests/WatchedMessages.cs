using System.Reflection;
using Xunit.v3;

[assembly: Sisa.TestKit.Messages.WatchedMessages]

namespace Sisa.TestKit.Messages;

/// <summary>Fails a test when a message that breaks a rule was seen for the first time while it ran. Of tests that run at once, the first to end takes the blame.</summary>
/// <remarks>Compiled into every test program.</remarks>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class WatchedMessagesAttribute : BeforeAfterTestAttribute
{
    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => MessageWatch.Begin();

    /// <inheritdoc/>
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        var broken = MessageWatch.TakeBroken();
        Assert.True(broken.Count == 0, $"Messages break rules:\n{string.Join("\n", broken)}");
    }
}
