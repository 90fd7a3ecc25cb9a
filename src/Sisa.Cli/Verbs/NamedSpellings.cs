using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Finding;
using Sisa.Engine.Stores;
using Sisa.Finding;
using Sisa.Forgetting;

namespace Sisa.Cli.Verbs;

/// <summary>The names that a command gives, and the near spellings of them in the store: named, or taken along.</summary>
/// <remarks>The store is searched once, when it is first asked for.</remarks>
internal sealed class NamedSpellings
{
    private readonly Lazy<NearSpellings> _found;
    private readonly bool _takes;
    private bool _isTold;

    /// <summary>Names of requests, and what the command line says of near ones.</summary>
    /// <exception cref="UsageException">Near spellings are asked for, and only spans are named.</exception>
    public NamedSpellings(ParseResult parse, Store store, IReadOnlyList<ForgetRequest> named)
    {
        _takes = parse.GetValue(Match) == NameMatch.Folded;
        if (_takes && named.All(r => r.Items.Count + r.Subjects.Count == 0))
        {
            throw new UsageException("The request names only spans; near spellings are those of whole items and of subjects.", "Omit '--match folded'. A span counts the characters of one text.");
        }

        if (_takes)
        {
            (Requests, var found) = new SpellingSearch(store).Expand(named);
            _found = new Lazy<NearSpellings>(found);
        }
        else
        {
            Requests = named;
            _found = new Lazy<NearSpellings>(() => new SpellingSearch(store).Find(SpellingSearch.NamesOf(named)));
        }
    }

    /// <summary>The option of <c>forget</c>.</summary>
    public static Option<NameMatch?> Match { get; } = NamedOption.Create<NameMatch>(
        "--match", "Which spellings of ids and subjects count. exact: as written; folded: also names that differ only in case, Unicode form, spaces, invisible characters or the spelling of a number. They are shown first.", NameMatch.Exact);

    /// <summary>The requests, with the near spellings that they take.</summary>
    public IReadOnlyList<ForgetRequest> Requests { get; }

    /// <summary>The near spellings.</summary>
    public NearSpellings Found => _found.Value;

    /// <summary>The near spellings, shown to a person first.</summary>
    public NearSpellings Told(Output output)
    {
        Tell(output);
        return Found;
    }

    /// <summary>Names what was found to a person, once.</summary>
    public void Tell(Output output)
    {
        if (!_isTold)
        {
            _isTold = true;
            Tell(Found, _takes, output);
        }
    }

    /// <summary>Names near spellings to a person.</summary>
    /// <param name="found">The near spellings.</param>
    /// <param name="takes">Whether they are forgotten too.</param>
    /// <param name="output">Where to.</param>
    public static void Tell(NearSpellings found, bool takes, Output output)
    {
        FirstOfMany.Tell(found.Found, near =>
        {
            var line = $"{(near.Kind == NameKind.Item ? "Item" : "Subject")} '{near.Name}' ({Figures.Count(near.Items, "item")}) differs from '{near.Of}' only in spelling, and is {(takes ? "included" : "not included")}.";
            if (takes)
            {
                output.Say(line);
            }
            else
            {
                output.Warn(line);
            }
        },
        more => output.Say($"… and {Figures.Count(more)} more; '--json' lists all."));

        if (found.Found.Count > 0 && !takes)
        {
            output.Say("Ids and subjects are exact text. To forget near spellings too: sisa forget … --match folded");
        }
    }
}
