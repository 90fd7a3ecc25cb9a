using Sisa.Engine.Forgetting;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Forgetting;

/// <summary>What a program may hand over as a request, whatever its command line would have refused.</summary>
public sealed class RequestFormTests : IDisposable
{
    private readonly TestStore _store = new();

    public RequestFormTests() => _store.Ingest(TestRow.Many(4));

    public static TheoryData<ForgetRequest, string> Malformed() => new()
    {
        { ForgetRequest.OfItem("item-00001") with { Id = "../outside" }, "'../outside' is not a valid name of a request." },
        { ForgetRequest.OfItem("item-00001") with { Id = string.Empty }, "'' is not a valid name of a request." },
        { new ForgetRequest { Id = "r" }, "Request 'r' names nothing that could be forgotten." },
        { ForgetRequest.OfSubject(string.Empty), "The request names an item or a subject by an empty text." },
        { ForgetRequest.OfSpan("item-00001", new TextSpan(3, 3)), "The request names the span 3..3 of 'item-00001', which is no range." },
        { ForgetRequest.OfSpan("item-00001", new TextSpan(-1, 3)), "The request names the span -1..3 of 'item-00001', which is no range." },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_request_is_refused_and_leaves_no_trace(ForgetRequest request, string fault)
    {
        Assert.Contains(fault, Assert.Throws<RequestException>(() => new Forgetter(_store.Store).Receive(request)).Message, StringComparison.Ordinal);
        Assert.Contains(fault, Assert.Throws<RequestException>(() => new Forgetter(_store.Store).Plan(request)).Message, StringComparison.Ordinal);
        Assert.Equal(0, _store.Store.Manifest.Requests.LastRequest);
    }

    [Fact]
    public void Two_requests_of_a_list_cannot_have_one_name()
    {
        ForgetRequest[] list = [ForgetRequest.OfItem("item-00001") with { Id = "same" }, ForgetRequest.OfItem("item-00002") with { Id = "same" }];

        Assert.Contains("2 requests have the name 'same'.", Assert.Throws<RequestException>(() => new Forgetter(_store.Store).Receive(list)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _store.Dispose();
}
