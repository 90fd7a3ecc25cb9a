using Sisa.Records;

namespace Sisa.Core.Tests.Faults;

public sealed class RemedyTests
{
    private static string Spell(Remedy remedy) => remedy.Spell((step, value) => $"<{step}:{value}>");

    [Fact]
    public void A_step_is_spelled_by_whoever_shows_the_remedy()
    {
        Remedy remedy = $"Run {Step.Recover} {2.5:F2} times, or {Step.RotateKey.With("log")}.";

        Assert.Equal("Run <Recover:> 2.50 times, or <RotateKey:log>.", Spell(remedy));
        Assert.Equal("Run 'recover' 2.50 times, or 'rotate-key log'.", remedy.ToString());
    }

    [Fact]
    public void A_choice_of_texts_keeps_its_step()
    {
        static Remedy? Choose(bool step) => step ? Remedy.Of($"Run {Step.Train}.") : "Wait.";

        Assert.Equal("Run <Train:>.", Spell(Choose(true)!));
        Assert.Equal("Wait.", Spell(Choose(false)!));
    }

    [Fact]
    public void A_remedy_takes_another_one_up()
    {
        Remedy inner = $"Run {Step.Train}.";
        Remedy outer = $"First this. {inner} {(Remedy?)null}Then that.";

        Assert.Equal("First this. Run <Train:>. Then that.", Spell(outer));
    }

    [Fact]
    public void A_fault_without_a_remedy_has_none() => Assert.Null(new StoreException("m", null).Remedy);

    [Fact]
    public void The_parts_come_back_from_a_record()
    {
        Remedy remedy = $"Run {Step.Recover}, or change {Step.SetKey.With("training.epochs=8")}.";

        var parts = RecordJson.Read<RemedyPart[]>(RecordJson.Write(remedy.Parts));

        Assert.Equal(Spell(remedy), Spell(new Remedy(parts)));
    }
}
