using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Campaigns.Faults;

/// <summary>The program that is harmed: the product's verbs with the fake trainer, without libtorch and workers, so that thousands of runs are cheap.</summary>
/// <remarks>Acknowledges on standard output: <c>received NAME</c> when a request is durable, <c>done</c> when the command is. Faults are told as the command line tells them.</remarks>
public static class Subject
{
    /// <summary>Runs a verb.</summary>
    /// <param name="arguments">Verb, folder of the store, and more.</param>
    /// <param name="output">Where it acknowledges.</param>
    /// <param name="errors">Where it tells faults.</param>
    /// <returns>Exit code of the command line.</returns>
    public static int Run(string[] arguments, TextWriter output, TextWriter errors)
    {
        try
        {
            switch (arguments)
            {
                case ["init", var folder]:
                    Init(folder);
                    break;
                case ["ingest", var folder, var corpus]:
                    using (var store = Open(folder))
                    {
                        new Ingestor(store).Ingest([corpus], new IngestOptions());
                    }

                    break;
                case ["train", var folder]:
                    using (var store = Open(folder))
                    {
                        Train(store);
                    }

                    break;
                case ["forget", var folder, var name, var policy, .. var items]:
                    using (var store = Open(folder))
                    {
                        Forget(store, Scene.Request(name, Enum.Parse<ForgetPolicy>(policy), items), output);
                    }

                    break;
                case ["recover", var folder]:
                    using (var store = Store.Open(folder, new TestClock()))
                    {
                        new Recovery(store).Run(TimeSpan.Zero);
                        Certify(store);
                    }

                    break;
                default:
                    return (int)ExitCode.Usage;
            }

            Acknowledge(output, "done");
            return (int)ExitCode.Done;
        }
#pragma warning disable CA1031 // The edge of the program: every fault is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var fault = Fault.Of(e);
            errors.WriteLine($"sisa: error: {fault.Message}\nsisa: hint: {fault.Hint}");
            if (fault.ExitCode == ExitCode.Internal)
            {
                errors.WriteLine(e.ToString());
            }

            return (int)fault.ExitCode;
        }
    }

    /// <summary>Makes an empty store with keys.</summary>
    public static void Init(string folder) => Store.Create(folder, Scene.Recipe, SmallRecipes.Key(), new TestClock(), passphrase: string.Empty).Dispose();

    /// <summary>Brings a store up to date, and certifies what is purged.</summary>
    public static void Train(Store store)
    {
        new Reconciler(store, new FakeTrainer()) { Degree = 1 }.BringUpToDate(TimeSpan.Zero);
        Certify(store);
    }

    /// <summary>Certifies what is purged, where there are keys, as every verb that ends a request does.</summary>
    public static void Certify(Store store)
    {
        if (Certifier.IsNeeded(store) && KeyRing.Exists(store.Layout))
        {
            using var keys = KeyRing.Open(store.Layout, () => string.Empty);
            new Certifier(store, keys, TimeSpan.Zero) { Degree = 1 }.Run();
        }
    }

    private static void Forget(Store store, ForgetRequest request, TextWriter output)
    {
        if (TestStore.Receive(store, request).Recorded is not { } recorded)
        {
            return;
        }

        Acknowledge(output, $"received {recorded.Id}");
        if (recorded.State < RequestState.Purged)
        {
            Train(store);
        }
        else
        {
            Certify(store);
        }
    }

    private static Store Open(string folder)
    {
        var store = Store.Open(folder, new TestClock());
        new BundlePublisher(store).PublishFallbacks();
        return store;
    }

    private static void Acknowledge(TextWriter output, string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}
