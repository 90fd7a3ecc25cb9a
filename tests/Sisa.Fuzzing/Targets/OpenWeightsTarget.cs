using System.Text;
using Sisa.Fuzzing.Engine;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.Readers.Tests;
using Sisa.Readers.Tokenizers;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Fuzzing.Targets;

/// <summary>A folder of open weights, one of whose files a stranger wrote: a line with its name, then its content. The tokens of a text give the text back, and none is a mark.</summary>
internal sealed class OpenWeightsTarget() : FuzzTarget("open-weights")
{
    private const string Sample = "The thing é дом 123  </s><|endoftext|>\n😀▁\0";

    private static readonly string[] Names = ["config.json", "vocab.json", "merges.txt", "tokenizer_config.json", "added_tokens.json", "tokenizer.json", "model.safetensors.index.json", "tokenizer.model", "special_tokens_map.json"];

    private readonly ScratchFolder _scratch = new();
    private int _folders;

    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
    [
        .. Names.Select(name => name + "\n"), .. SmallBase.Config().Select(entry => $"\"{entry.Key}\":"), "\"added_tokens_decoder\":{\"0\":{\"content\":\"a\"}}", "\"bos_token\":", "\"eos_token\":", "\"weight_map\":{", "\"head_dim\":", "\"sliding_window\":",
        "\"rope_parameters\":{\"rope_type\":\"default\"}", "\"pre_tokenizer\":", "\"type\":\"ByteLevel\"", "\"added_tokens\":[{\"id\":268,\"content\":\"a b\",\"special\":false}]", "\"model\":{\"type\":\"BPE\"}", "\"normalizer\":{\"type\":\"NFC\"}", "null", "[]", "{}", "-1", "1e999", "2147483648", "\"qwen2\"", "\"mistral\"", "\"../x.safetensors\"", "\\ud800", "\uFEFF", "#version", "Ġ t\n",
    ]);

    public override IEnumerable<byte[]> Seeds()
    {
        using var folder = new ScratchFolder();
        SmallBase.Write(folder.Root);
        SentencePieceFile.Write(Path.Combine(folder.Root, "tokenizer.model"));
        File.WriteAllText(Path.Combine(folder.Root, "special_tokens_map.json"), """{"eos_token":{"content":"<|endoftext|>"}}""");
        File.WriteAllText(Path.Combine(folder.Root, "added_tokens.json"), """{"<|im_start|>":300}""");
        File.WriteAllText(Path.Combine(folder.Root, "tokenizer.json"), """{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false}]}}""");
        File.WriteAllText(Path.Combine(folder.Root, "model.safetensors.index.json"), """{"weight_map":{"a":"one.safetensors"}}""");
        return [.. Names.Select(name => (byte[])[.. Encoding.UTF8.GetBytes(name + "\n"), .. File.ReadAllBytes(Path.Combine(folder.Root, name))])];
    }

    protected override void Run(byte[] input)
    {
        var end = Array.IndexOf(input, (byte)'\n');
        var name = Array.Find(Names, known => end > 0 && input.AsSpan(0, end).SequenceEqual(Encoding.UTF8.GetBytes(known)));
        if (name is null)
        {
            return;
        }

        var folder = Directory.CreateDirectory(Path.Combine(_scratch.Root, $"{_folders++}")).FullName;
        try
        {
            if (name != "tokenizer.model")
            {
                SmallBase.Write(folder);
            }

            if (name == "model.safetensors.index.json")
            {
                File.Move(Path.Combine(folder, "model.safetensors"), Path.Combine(folder, "one.safetensors"));
            }

            File.WriteAllBytes(Path.Combine(folder, name), input[(end + 1)..]);
            Look(folder, wantsWeights: name != "tokenizer.model");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    protected override bool IsDocumented(Exception e) => e is OpenWeightsException;

    protected override void Dispose(bool disposing)
    {
        _scratch.Dispose();
        base.Dispose(disposing);
    }

    private static void Look(string folder, bool wantsWeights)
    {
        var files = OpenWeightsFolder.Inspect(folder, wantsWeights, context: 64);
        var model = new DecoderOptions { Base = wantsWeights ? BaseFiles.FolderName : null, Tokenizer = TokenizerKind.Files, Files = files, Context = 64 };
        var tokenizer = Tokenizer.Create(new Recipe { Task = TaskKind.LanguageModel, Model = model, BaseFolder = folder });
        List<int> tokens = [];
        tokenizer.Encode(Encoding.UTF8.GetBytes(Sample), tokens);
        Check(tokens.TrueForAll(token => token != files.Tokens.End && token != files.Tokens.Begin && tokenizer.Bytes(token).Length > 0), "no text is a mark");
        Check(tokenizer.MissingBytes.Count > 0 || Encoding.UTF8.GetString([.. tokens.SelectMany(token => tokenizer.Bytes(token).ToArray())]) == Sample, "the tokens of a text give the text back");
        Check(files.Digest == OpenWeightsFolder.Inspect(folder, wantsWeights, context: 64).Digest, "a folder that is looked at again is the same");
    }
}
