using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa keys</c>: the keys that sign the evidence log and the certificates.</summary>
internal static class KeysVerb
{
    private static readonly Argument<string> Which = new("key") { Description = "The key to replace: log or certificate." };

    public static Command Create()
    {
        Which.AcceptOnlyFromAmong(KeyRing.LogName, KeyRing.CertificateName);
        return new Command("keys", "Create, replace and show the keys that sign evidence.")
        {
            new Command("init", "Draw both keys, as 'sisa init' does. A passphrase file encrypts them.") { PassphraseOption.File }.Does(Init),
            new Command("rotate", "Replace a key. The evidence log records it, and the old public key is kept.") { Which, PassphraseOption.File }.Does(Rotate),
            new Command("show", "Show the public keys.").Does(Show),
        };
    }

    private static ExitCode Init(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var passphrase = PassphraseOption.Optional(parse);
        using (StoreLock.Acquire(store.Layout, TimeSpan.Zero, cancellation: cancellation))
        {
            KeyRing.Create(store, passphrase).Dispose();
        }

        return Show(parse, output, cancellation);
    }

    private static ExitCode Rotate(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var name = parse.GetValue(Which)!;
        var passphrase = PassphraseOption.Optional(parse);
        if (passphrase.Length == 0 && EvidenceKey.IsEncrypted(File.ReadAllText(store.Layout.PrivateKey(name))))
        {
            throw new UsageException($"The {name} key is encrypted, and its successor would not be.", "Give '--passphrase-file FILE'.");
        }

        using (StoreLock.Acquire(store.Layout, TimeSpan.Zero, cancellation: cancellation))
        {
            KeyRing.Rotate(store, name, passphrase);
        }

        return Show(parse, output, cancellation);
    }

    private static ExitCode Show(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var keys = new[] { KeyRing.CertificateName, KeyRing.LogName }.Select(name =>
        {
            using var key = PublicKeyFiles.Read(store.Layout.PublicKey(name)).Open();
            return (Name: name, Path: store.Layout.PublicKey(name), Digest: EvidenceKey.DigestOf(key), IsEncrypted: EvidenceKey.IsEncrypted(File.ReadAllText(store.Layout.PrivateKey(name))));
        }).ToArray();
        if (output.Json)
        {
            output.WriteJson(keys.Select(k => new { k.Name, PublicKey = k.Path, k.Digest, Encrypted = k.IsEncrypted }));
            return ExitCode.Done;
        }

        Grid.Write(output.Data, ["key", "private half", "SHA-256 of the public key"], keys.Select(k => new[] { k.Name, k.IsEncrypted ? "encrypted" : "in the clear, for its owner alone", k.Digest.ToString() }));
        foreach (var key in keys)
        {
            output.WriteData(key.Path);
        }

        return ExitCode.Done;
    }
}
