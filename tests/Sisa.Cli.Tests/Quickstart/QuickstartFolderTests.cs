using Sisa.Cli.Quickstart;
using Sisa.Storage.Files;
using Sisa.TestKit;

namespace Sisa.Cli.Tests.Quickstart;

public sealed class QuickstartFolderTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void An_earlier_quickstart_is_replaced_and_the_users_own_files_beside_it_stay()
    {
        var first = QuickstartFolder.Prepare(_temp["demo"]);
        first.WriteDeclarations(1);
        Directory.CreateDirectory(Path.Combine(first.Store, "slices"));
        File.WriteAllText(Path.Combine(first.Path, "notes.txt"), "mine");

        QuickstartFolder.Prepare(_temp["demo"]);

        Assert.False(Directory.Exists(first.Store));
        Assert.False(File.Exists(first.Recipe));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(first.Path, "notes.txt")));
    }

    [Fact]
    public void A_store_that_another_process_works_with_is_not_removed()
    {
        var first = QuickstartFolder.Prepare(_temp["demo"]);
        Directory.CreateDirectory(first.Store);
        using var held = StoreLock.Acquire(new StoreLayout(first.Store), TimeSpan.Zero);

        Assert.Throws<StoreBusyException>(() => QuickstartFolder.Prepare(_temp["demo"]));
        Assert.True(Directory.Exists(first.Store));
    }

    [Fact]
    public void The_assignment_key_depends_on_the_seed_alone()
    {
        var one = QuickstartFolder.Prepare(_temp["one"]);
        var two = QuickstartFolder.Prepare(_temp["two"]);
        one.WriteDeclarations(1);
        two.WriteDeclarations(1);

        Assert.Equal(File.ReadAllText(one.AssignmentKey), File.ReadAllText(two.AssignmentKey));
    }
}
