namespace Sisa.Cli.Terminal;

/// <summary>Steps as the command line spells them: the one place where a remedy becomes a verb or an option.</summary>
internal static class StepWords
{
    /// <summary>A remedy in the words of the command line.</summary>
    /// <param name="remedy">The remedy.</param>
    public static string Of(Remedy remedy) => remedy.Spell((step, value) => $"'{Of(step, value)}'");

    /// <summary>A step as it is typed.</summary>
    /// <param name="step">The step.</param>
    /// <param name="value">Its value, or nothing.</param>
    public static string Of(Step step, string value) => step switch
    {
        Step.Init => "sisa init --recipe sisa.yaml",
        Step.PrintRecipe => "sisa init --print-recipe",
        Step.WriteRecipe => "sisa init --print-recipe > sisa.yaml",
        Step.InspectData => "sisa init --inspect DATAFILE",
        Step.Ingest => "sisa ingest FILE",
        Step.Train => "sisa train",
        Step.DeferForgetting => "sisa forget --defer",
        Step.Status => "sisa status",
        Step.ListRequests => "sisa requests list",
        Step.PlanWithoutStore => "sisa plan --items N --subjects M",
        Step.Recover => "sisa recover",
        Step.ReplayLog => "sisa recover --replay",
        Step.FindEqualItems => "sisa find --similar ITEM --match exact",
        Step.CreateKeys => "sisa keys init",
        Step.RotateKey => $"sisa keys rotate {value}".TrimEnd(),
        Step.ManageKeys => "sisa keys",
        Step.Export => "sisa export",
        Step.ExportAudit => "sisa audit export",
        Step.RequesterCopy => "sisa forget --requester-copy",
        Step.ListCertificates => "sisa certificate list",
        Step.Evaluate => "sisa evaluate",
        Step.BaseFolder => "--base DIR",
        Step.StoreFolder => "--store",
        Step.Wait => "--wait SECONDS",
        Step.SetKey => $"--set {value}".TrimEnd(),
        Step.SkipBadRows => "--on-error skip",
        Step.LeaveOut => "--except",
        Step.Readmit => "--readmit",
        Step.SourceFiles => "--corpus FILE…",
        Step.NameItem => "--item",
        Step.ListOf => $"--list-of {value}".TrimEnd(),
        Step.NameRequest => "--request-id",
        Step.ChooseAggregation => "--aggregation",
        Step.AnswerOnProcessor => "--device cpu",
        Step.StudyFolder => "--out",
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "The command line has no words for it."),
    };
}
