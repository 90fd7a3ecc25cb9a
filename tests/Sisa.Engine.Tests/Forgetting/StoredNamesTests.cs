using Sisa.Engine.Forgetting;
using Sisa.Readers.Lists;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Forgetting;

public sealed class StoredNamesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void A_store_knows_its_items_its_subjects_and_what_it_forgot()
    {
        using var test = new TestStore();
        test.Ingest([.. TestRow.Many(20, 4), TestRow.One(90, "item-00003"), TestRow.One(91, "own") with { Id = "own" }]);
        test.Forget("item-00005");
        var reading = StoredNames.Reading(test.Store, null);

        Assert.Equal(["item-00001", "item-00005", "own"], Read("item-00001\nitem-00005\nown\n", reading).Items);
        Assert.Throws<CorpusException>(() => Read("item-00001\nitem-00003\n", reading));
        Assert.Throws<CorpusException>(() => Read("item-00001\nauthor-001\n", reading));
        Assert.Throws<CorpusException>(() => Read("item-00001\nitem-77777\n", reading));
    }

    public void Dispose() => _folder.Dispose();

    private TargetList Read(string text, ListReading reading) => TargetList.Read(_folder.Write("list", text), reading);
}
