namespace Sisa.Evidence;

/// <summary>The claims and non-claims of every certificate, word for word.</summary>
public static class FixedWords
{
    /// <summary>Claims of a certificate.</summary>
    public static IReadOnlyList<string> Claims =>
    [
        "The items that the commitments stand for were removed from the training data of this store.",
        "Every model whose training had seen one of them was discarded, and trained again from a state that never had.",
        "From the fallback on, no model that had seen one of them was served from this store.",
        "Every copy that this store derived from them was removed; the store was searched for what is left, with the result given here.",
    ];

    /// <summary>A further claim of certificates with measurements of language models.</summary>
    public static string RetrainOracle =>
        "The measurements are of models that never saw the forgotten texts: retraining without them gives the same bytes, so these are the figures of the retrain oracle.";

    /// <summary>A further non-claim if models adapt a base or started from one.</summary>
    public static string FrozenBase =>
        "The base that the models adapt or started from, named by the digest of its files, was declared to be trained on public data; what it learnt there cannot be forgotten here.";

    /// <summary>Claims of a certificate about a request that found nothing.</summary>
    public static IReadOnlyList<string> NothingHeldClaims =>
    [
        "Nothing was found under what was named: at the receipt, this store held no item of these names, or an earlier request had asked to forget it.",
        "Every earlier request was purged before this certificate was issued.",
    ];

    /// <summary>The non-claims of a certificate about a request that found nothing.</summary>
    public static IReadOnlyList<string> NothingHeldNonClaims =>
    [
        "Names were compared letter by letter: other spellings of them may be held, unless a search for near spellings is named here.",
        "Nothing keeps these names out: the certificate is about the items that the store held at the receipt, not about those that came in later.",
        "Copies of the items under other ids were not looked for.",
        "Source files, backups, disk blocks, and exports handed out earlier are beyond the reach of the store.",
    ];

    /// <summary>The non-claims.</summary>
    public static IReadOnlyList<string> NonClaims =>
    [
        "This is not differential privacy: comparing the models before and after may reveal who left.",
        "The guarantee covers requests made independently of the published models (Gupta et al. 2021).",
        "Weights alone cannot prove absence (Thudi et al. 2022); what is certified is the procedure, and a rerun where one is named.",
        "Source files, backups, disk blocks, and exports handed out earlier are beyond the reach of the store.",
        "Declarations of the recipe (labels, ranges, fields) stay, also those taken from a look at the data.",
        "Pre-trained tokenizers and other public components keep what they learnt from their own data.",
        "The measurements describe these models and this data; they are no proof of absence, and figures of few items say little.",
        "Copies of the items under other ids were not looked for unless a search is named here.",
    ];
}
