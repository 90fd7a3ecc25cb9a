namespace Sisa.Faults;

/// <summary>The operations and settings that a remedy can name. The set is closed: each front end spells every value, and a test checks it.</summary>
public enum Step
{
    /// <summary>Make a store from a recipe.</summary>
    Init,

    /// <summary>Print every key of a recipe with its default and meaning.</summary>
    PrintRecipe,

    /// <summary>Write a recipe to begin with into a file.</summary>
    WriteRecipe,

    /// <summary>Propose a recipe from a look at the data.</summary>
    InspectData,

    /// <summary>Take items into the store.</summary>
    Ingest,

    /// <summary>Bring every shard up to date.</summary>
    Train,

    /// <summary>Receive a request now and leave its training for later.</summary>
    DeferForgetting,

    /// <summary>Show the state of the store.</summary>
    Status,

    /// <summary>List the requests to forget.</summary>
    ListRequests,

    /// <summary>Plan for a corpus that no store holds yet.</summary>
    PlanWithoutStore,

    /// <summary>Check the store and finish what was interrupted.</summary>
    Recover,

    /// <summary>Check the store and forget again what its evidence log records as forgotten.</summary>
    ReplayLog,

    /// <summary>Find items equal to one.</summary>
    FindEqualItems,

    /// <summary>Make the signing keys.</summary>
    CreateKeys,

    /// <summary>Replace a signing key. Value: its name, or nothing.</summary>
    RotateKey,

    /// <summary>Whatever was given the passphrase of the signing keys.</summary>
    ManageKeys,

    /// <summary>Write the ensemble as a folder that answers without the store.</summary>
    Export,

    /// <summary>Write an audit bundle.</summary>
    ExportAudit,

    /// <summary>Write the copy of a certificate that the requester gets.</summary>
    RequesterCopy,

    /// <summary>List the requests that were certified.</summary>
    ListCertificates,

    /// <summary>Measure the ensemble on held-out rows.</summary>
    Evaluate,

    /// <summary>Names the folder of the open weights or of the tokenizer.</summary>
    BaseFolder,

    /// <summary>Names the folder of the store.</summary>
    StoreFolder,

    /// <summary>How long to wait for a store that another process holds.</summary>
    Wait,

    /// <summary>Changes a key of the recipe. Value: the key and what it becomes, as <c>training.epochs=8</c>, or nothing.</summary>
    SetKey,

    /// <summary>Leaves out rows that cannot be read.</summary>
    SkipBadRows,

    /// <summary>Leaves out the items of a list.</summary>
    LeaveOut,

    /// <summary>Takes items of a list back that were forgotten.</summary>
    Readmit,

    /// <summary>Names the source files of an audit.</summary>
    SourceFiles,

    /// <summary>Names one item.</summary>
    NameItem,

    /// <summary>Says what a list names. Value: <c>items</c> or <c>subjects</c>.</summary>
    ListOf,

    /// <summary>Names a request.</summary>
    NameRequest,

    /// <summary>Chooses how the answers of the constituents are joined.</summary>
    ChooseAggregation,

    /// <summary>Answers on the processor instead of another device.</summary>
    AnswerOnProcessor,

    /// <summary>Names the folder of a study.</summary>
    StudyFolder,
}

/// <summary>Steps with their values.</summary>
public static class Steps
{
    /// <summary>The step with a value that belongs to it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="value">The value, such as <c>training.epochs=8</c> for <see cref="Step.SetKey"/>.</param>
    public static RemedyPart With(this Step step, string value) => new(value, step);
}
