using Sisa.Forgetting;
using Sisa.Serving;

await using var store = await SisaStore.CreateAsync("store", "sisa.yaml");
var ingested = await store.IngestAsync(["notes.jsonl"]);
var trained = await store.TrainAsync();
Console.WriteLine($"{ingested.Items} notes, {trained.Stages} stages trained.");

var question = new Row { ["text"] = "The violin was heard again in the hall." };
var answer = await store.PredictAsync(question);
Console.WriteLine($"The question is about {answer.Label}, says epoch {answer.Epoch}.");

// When this returns, the request is durable, and no model answers that has seen a note of the author.
var receipt = await store.ForgetAsync(ForgetRequest.OfSubject("author-07"));
Console.WriteLine($"{receipt.Report.Forgotten.Count} notes of author-07 are to be forgotten: {receipt.Request} is received.");

// Retrained, removed from every file, and certified.
var outcome = await receipt.Completion;
Console.WriteLine($"{outcome.Request!.Id} is {outcome.Request.State}.");
Console.WriteLine($"The question is about {(await store.PredictAsync(question)).Label}.");

// Training from scratch without the notes gives the same bytes.
var proof = await store.VerifyAsync();
Console.WriteLine($"{proof.Equal} of {proof.Compared} checkpoints are equal to those of a training from scratch.");
return proof.Verified ? 0 : 1;
