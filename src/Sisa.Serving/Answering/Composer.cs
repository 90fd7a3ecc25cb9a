using Sisa.Aggregation;
using Sisa.Generation;
using Sisa.Readers.Tokenizers;
using Sisa.Serving.Bundles;
using Sisa.Sharding;
using Sisa.Torch.Inference;

namespace Sisa.Serving.Answering;

/// <summary>Why a text ended.</summary>
public enum FinishReason
{
    /// <summary>A text that ends it came.</summary>
    Stop,

    /// <summary>It has as many tokens as were asked for.</summary>
    Length,

    /// <summary>The model ended it.</summary>
    End,
}

/// <summary>A text that was written.</summary>
/// <param name="Text">The text behind the prompt.</param>
/// <param name="Tokens">Tokens that were drawn, without the mark behind the text.</param>
/// <param name="Finish">Why it ended.</param>
/// <param name="Epoch">Epoch of the bundle that wrote it.</param>
/// <param name="Shards">Shards whose constituents wrote it.</param>
public sealed record Composition(string Text, int Tokens, FinishReason Finish, long Epoch, IReadOnlyList<ShardId> Shards);

/// <summary>Generates texts with the served bundle.</summary>
/// <remarks>
/// What is served is looked at before every token: a text that was begun by one bundle is never continued by another, and nothing is drawn any more from a bundle that has been taken out of service. Such a text
/// ends with an error, since what was shown of it cannot be taken back. Not thread-safe.
/// </remarks>
public sealed class Composer : IDisposable
{
    private readonly IBundleSource _bundle;
    private readonly AggregationRule _rule;
    private readonly Tokenizer _tokenizer;
    private readonly LanguageEnsemble _ensemble;
    private readonly LanguageEnsemble? _owned;

    /// <summary>Prepares an ensemble.</summary>
    /// <param name="bundle">Where the constituents come from.</param>
    /// <param name="rule">How their expectations are joined.</param>
    /// <param name="device">Where they are computed, or <see langword="null"/> for where the recipe trains.</param>
    public Composer(IBundleSource bundle, AggregationRule rule, string? device)
        : this(bundle, rule, TextScorer.Create(bundle, device)) => _owned = _ensemble;

    /// <summary>Writes with an ensemble that is made already.</summary>
    /// <param name="bundle">Where the constituents come from.</param>
    /// <param name="rule">How their expectations are joined.</param>
    /// <param name="ensemble">The ensemble. The caller keeps it, and disposes of it.</param>
    internal Composer(IBundleSource bundle, AggregationRule rule, LanguageEnsemble ensemble)
    {
        (_bundle, _rule, _ensemble) = (bundle, rule, ensemble);
        _tokenizer = Tokenizer.Create(bundle.Recipe);
    }

    /// <summary>Encodes the beginning of a text.</summary>
    /// <param name="utf8">The beginning; may be empty where the tokenizer has a mark before texts.</param>
    /// <returns>Its tokens; none where neither text nor mark is there.</returns>
    public IReadOnlyList<int> Encode(ReadOnlySpan<byte> utf8)
    {
        var tokens = new List<int>();
        _tokenizer.EncodePrompt(utf8, tokens);
        return tokens;
    }

    /// <summary>Writes on from a prompt.</summary>
    /// <param name="prompt">Its tokens, at least one.</param>
    /// <param name="sampler">Draws the tokens.</param>
    /// <param name="stops">Texts that end it.</param>
    /// <param name="maxTokens">Most tokens, at least one.</param>
    /// <param name="show">Takes the text as it comes, whole code points.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    /// <exception cref="InterruptedException">The bundle changed meanwhile.</exception>
    public Composition Compose(IReadOnlyList<int> prompt, TokenSampler sampler, IReadOnlyList<string> stops, int maxTokens, Action<string> show, CancellationToken cancellation)
    {
        var epoch = _bundle.Refresh(_ensemble);
        var shards = _ensemble.Shards;
        var text = new GeneratedText(stops);
        var count = 0;
        var finish = FinishReason.Length;
        foreach (var token in _ensemble.Generate(prompt, _rule, sampler))
        {
            if (token == _tokenizer.Numbers.End)
            {
                finish = FinishReason.End;
                break;
            }

            RefuseOther(epoch);
            count++;
            show(text.Append(_tokenizer.Bytes(token).Span));
            if (text.IsStopped || count == maxTokens)
            {
                break;
            }

            cancellation.ThrowIfCancellationRequested();
        }

        show(text.Finish());
        return new Composition(text.Text, count, text.IsStopped ? FinishReason.Stop : finish, epoch, shards);
    }

    /// <inheritdoc/>
    public void Dispose() => _owned?.Dispose();

    private void RefuseOther(long epoch)
    {
        if (_bundle.Refresh(_ensemble) is var now && now != epoch)
        {
            throw new InterruptedException(
                $"The bundle changed from epoch {epoch} to {now} while this text was generated; the text ends here.",
                "Run the same command again. The text starts over with the current bundle.");
        }
    }
}
