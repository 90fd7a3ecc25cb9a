using Sisa.Engine.Training;
using Sisa.Models;
using Sisa.Readers.Formats;
using Sisa.Readers.Recipes.Models;
using Sisa.Serving.Working;
using Sisa.Torch.Models;

namespace Sisa.Serving;

/// <summary>A program that has models or formats of its own, and is its own worker.</summary>
/// <remarks>
/// A recipe comes from a stranger, so that code is never loaded because a recipe names it. A program brings its code instead: it is built with its kinds of model, it registers them before anything else,
/// and its workers are the same program. The digest of the assembly that holds a kind enters the digest of every recipe that names the kind (rule E8).
/// <code>
/// return SisaProgram.Create(args).AddModel&lt;TabularResNet&gt;("tabular-resnet").Run(Main);
/// </code>
/// </remarks>
public sealed class SisaProgram
{
    // The name by which coordinators start workers; see WorkerPool.
    private const string WorkerVerb = "worker";

    private readonly string[] _arguments;

    private SisaProgram(string[] arguments) => _arguments = arguments;

    /// <summary>Whether the running program serves as its own worker, so that a store may start it again.</summary>
    internal static bool IsOwnWorker { get; private set; }

    /// <summary>Begins a program.</summary>
    /// <param name="arguments">The arguments of the process.</param>
    public static SisaProgram Create(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return new SisaProgram(arguments);
    }

    /// <summary>Adds a kind of model that recipes may name.</summary>
    /// <typeparam name="T">Its options, with the keys and the architecture of the kind.</typeparam>
    /// <param name="name">Its name in recipes: lower-case words, joined by hyphens.</param>
    /// <returns>The same program.</returns>
    /// <exception cref="ArgumentException">The name is malformed, or the name or the options are registered already.</exception>
    public SisaProgram AddModel<T>(string name)
        where T : ModelOptions, IModelDefinition, new()
    {
        // The built-in kinds come first, so that their names are taken.
        _ = ModelKinds.BuiltIn;
        var kind = ModelKinds.Add<T>(name);
        ModelKeys.Add(T.Keys(kind));
        ArchitectureKind.Add(T.Architecture(kind));
        return this;
    }

    /// <summary>Adds a format of corpus files.</summary>
    /// <param name="format">The format.</param>
    /// <returns>The same program.</returns>
    /// <exception cref="ArgumentException">The format or one of its endings is registered already.</exception>
    public SisaProgram AddFormat(RowFormat format)
    {
        RowFormat.Add(format);
        return this;
    }

    /// <summary>Runs the program: as a worker where a coordinator started it as one, and otherwise what it is for.</summary>
    /// <param name="main">The program itself. Takes its arguments and returns its exit code.</param>
    /// <returns>The exit code.</returns>
    /// <remarks>Standard output of a worker carries messages: write nothing there before this call.</remarks>
    public async Task<int> RunAsync(Func<string[], Task<int>> main)
    {
        ArgumentNullException.ThrowIfNull(main);
        IsOwnWorker = true;
        if (_arguments is not [WorkerVerb, "-"])
        {
            return await main(_arguments).ConfigureAwait(false);
        }

        var messages = new StreamWriter(Console.OpenStandardOutput(), WorkerMessage.Encoding);
        await using (messages.ConfigureAwait(false))
        {
            new ShardWorker(messages).Serve(fault =>
            {
                Console.Error.WriteLine($"sisa: error: Standard input cannot be read: {PlainReason.Of(fault)}.");
                return 1;
            });
            return 0;
        }
    }

    /// <summary>The same for a program that is not asynchronous, as the command line of Sisa is.</summary>
    /// <param name="main">The program itself. Takes its arguments and returns its exit code.</param>
    /// <returns>The exit code.</returns>
    public int Run(Func<string[], int> main) => RunAsync(arguments => Task.FromResult(main(arguments))).GetAwaiter().GetResult();
}
