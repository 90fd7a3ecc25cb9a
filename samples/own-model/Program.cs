using Sisa.Forgetting;
using Sisa.Serving;

// The program is its own worker: training happens in processes of the same program, so they know the model too.
return await SisaProgram.Create(args).AddModel<TabularResNet>("tabular-resnet").RunAsync(Serve);

static async Task<int> Serve(string[] arguments)
{
    switch (arguments)
    {
        case []:
            await using (var store = await SisaStore.CreateAsync("store", "sisa.yaml", new SisaOptions { Workers = 2 }))
            {
                await store.IngestAsync(["points.jsonl"]);
                Console.WriteLine($"{(await store.TrainAsync()).Stages} stages of a {store.Recipe.Model.Describe()} are trained.");
                var receipt = await store.ForgetAsync(ForgetRequest.OfSubject("owner-03"));
                Console.WriteLine($"{receipt.Report.Forgotten.Count} points of owner-03 are forgotten: {(await receipt.Completion).Request!.State}.");
                var proof = await store.VerifyAsync();
                Console.WriteLine($"{proof.Equal} of {proof.Compared} checkpoints are equal to those of a training from scratch.");
                return proof.Verified ? 0 : 1;
            }

        case ["status"]:
            await using (var store = await SisaStore.OpenAsync("store"))
            {
                var status = await store.StatusAsync();
                Console.WriteLine($"recipe {status.Recipe}");
                Console.WriteLine(status.UpToDate ? "up to date" : "to be trained again");
                return 0;
            }

        case ["lives", var count]:
            var equal = await Lives.Live(int.Parse(count), "lives");
            Console.WriteLine($"{equal} of {count} lives end in the bytes of a store that never held what was forgotten.");
            return equal == int.Parse(count) ? 0 : 1;

        default:
            Console.Error.WriteLine("Usage: own-model [status | lives COUNT]");
            return 2;
    }
}
