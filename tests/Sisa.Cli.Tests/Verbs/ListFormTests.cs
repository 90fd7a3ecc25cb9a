using System.Diagnostics;

namespace Sisa.Cli.Tests.Verbs;

/// <summary>Lists whose form is not certain, and the cases that strangers brought.</summary>
public sealed class ListFormTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Fact]
    public void A_list_of_users_forgets_users_and_never_the_items_of_the_same_numbers()
    {
        IngestNumbers();
        _sisa.Write("list.csv", "user_id\n17\n5\n");

        var forgotten = _sisa.Run("forget", "--file", "list.csv", "--defer", "--json").Expect(ExitCode.Done).Json["forgotten"]!.AsArray();

        Assert.Equal(["16", "24", "36", "4"], forgotten.Select(target => target!["item"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal(["17", "5"], forgotten.Select(target => target!["subject"]!.GetValue<string>()).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("customer\n17\n5\n")]
    [InlineData("17\n5\n")]
    [InlineData("[\"17\", \"5\"]")]
    [InlineData("customer;name\n17;x\n5;y\n")]
    [InlineData("customer\tname\n17\tx\n5\ty\n")]
    [InlineData("{\"customer\": 17}\n")]
    public void A_list_that_may_mean_items_or_subjects_is_refused(string list)
    {
        IngestNumbers();
        _sisa.Write("list", list);

        var refused = _sisa.Run("forget", "--file", "list").Expect(ExitCode.Data);

        Assert.Contains("--list-of subjects", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(40, _sisa.Run("status", "--json").Json["items"]!.GetValue<long>());
        Assert.Empty(_sisa.Run("requests", "list", "--json").Json["requests"]!.AsArray());
    }

    [Theory]
    [InlineData("items", new[] { "17", "5" })]
    [InlineData("subjects", new[] { "16", "24", "36", "4" })]
    public void The_command_line_says_what_a_list_without_a_header_names(string kind, string[] items)
    {
        IngestNumbers();
        _sisa.Write("list", "17\n5\n");

        var forgotten = _sisa.Run("forget", "--file", "list", "--list-of", kind, "--yes", "--defer", "--json").Expect(ExitCode.Done).Json["forgotten"]!.AsArray();

        Assert.Equal(items, forgotten.Select(target => target!["item"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        _sisa.Run("forget", "--item", "1", "--list-of", kind).Expect(ExitCode.Usage);
    }

    [Fact]
    public void Rows_to_leave_out_are_named_as_certainly()
    {
        WriteNumbers();
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Write("list", "17\n5\n");
        _sisa.Write("users.csv", "\"User ID\"\n17\n5\n");

        Assert.Contains("--list-of items", _sisa.Run("ingest", "corpus.csv", "--except", "list").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
        Assert.Equal(4, _sisa.Run("ingest", "corpus.csv", "--except", "users.csv", "--json").Expect(ExitCode.Done).Json["excepted"]!.GetValue<long>());
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);

        _sisa.Run("verify", "--rerun", "--workers", "1", "--corpus", "corpus.csv", "--except", "list").Expect(ExitCode.Data);
        _sisa.Run("verify", "--rerun", "--workers", "1", "--corpus", "corpus.csv", "--except", "list", "--list-of", "items").Expect(ExitCode.No);
        _sisa.Run("verify", "--rerun", "--workers", "1", "--corpus", "corpus.csv", "--except", "list", "--list-of", "subjects").Expect(ExitCode.Done);
    }

    [Fact]
    public void A_quotation_mark_within_a_field_is_named_with_the_right_line_and_in_own_words()
    {
        IngestNumbers();
        _sisa.Write("list.csv", "item\nr\"1\nr2\n");

        var errors = _sisa.Run("forget", "--file", "list.csv").Expect(ExitCode.Data).Errors;

        Assert.Contains("list.csv:2: A quotation mark stands within a field", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("list.csv:3", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("BadDataFound", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_is_shown_before_it_is_received_and_scripts_are_not_asked()
    {
        IngestNumbers();
        _sisa.Write("list.csv", "user\n17\n5\n");

        var errors = _sisa.Run("forget", "--file", "list.csv", "--defer").Expect(ExitCode.Done).Errors;

        var (plan, receipt) = (errors.IndexOf("of a full retraining", StringComparison.Ordinal), errors.IndexOf("is received", StringComparison.Ordinal));
        Assert.True(plan >= 0 && plan < receipt, errors);
        Assert.Equal(plan, errors.LastIndexOf("of a full retraining", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("n", "", 0)]
    [InlineData("y", "", 1)]
    [InlineData("", "--yes", 1)]
    public void On_a_terminal_a_list_of_several_subjects_is_confirmed(string answer, string option, int requests)
    {
        const string Script = "/usr/bin/script";
        Assert.SkipUnless(File.Exists(Script), "There is no program 'script', which makes a terminal.");
        IngestNumbers();
        _sisa.Write("list.csv", "user\n17\n5\n");
        using var terminal = Process.Start(new ProcessStartInfo(Script, ["-qec", $"{SisaCommand.Program} forget --file list.csv --defer {option}", "/dev/null"])
        {
            WorkingDirectory = _sisa.Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        terminal.StandardInput.WriteLine(answer);
        terminal.StandardInput.Flush();
        var said = terminal.StandardOutput.ReadToEnd();
        terminal.WaitForExit();

        Assert.Equal(option.Length == 0, said.Contains("The list names 4 items of 2 subjects.", StringComparison.Ordinal));
        Assert.Equal(requests, _sisa.Run("requests", "list", "--json").Json["requests"]!.AsArray().Count);
    }

    [Fact]
    public void Two_persons_whose_joined_names_were_one_stay_two()
    {
        _sisa.Write("x.jsonl", """
            {"id":"1","org":"a/b","name":"c","text":"one here","y":"a"}
            {"id":"2","org":"a","name":"b/c","text":"two here","y":"b"}
            {"id":"3","org":"z","name":"q","text":"three here","y":"b"}
            """);
        _sisa.Write("sisa.yaml", """
            corpus: { format: jsonl, fields: { id: id, subject: [org, name], text: text, label: y } }
            labels: [a, b]
            ensemble: { shards: 2, slices: 1 }
            """);
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "x.jsonl").Expect(ExitCode.Done);

        var unescaped = _sisa.Run("forget", "--subject", "a/b/c", "--defer").Expect(ExitCode.No).Errors;
        Assert.Contains(@"'a/b/c' mean 'a\/b/c'", unescaped, StringComparison.Ordinal);
        Assert.Contains(@"'a/b/c' mean 'a/b\/c'", unescaped, StringComparison.Ordinal);

        var forgotten = _sisa.Run("forget", "--subject", @"a\/b/c", "--defer", "--json").Expect(ExitCode.Done).Json["forgotten"]!.AsArray();
        Assert.Equal("1", Assert.Single(forgotten)!["item"]!.GetValue<string>());
        Assert.Equal("2", Assert.Single(_sisa.Run("forget", "--subject", @"a/b\/c", "--defer", "--json").Expect(ExitCode.Done).Json["forgotten"]!.AsArray())!["item"]!.GetValue<string>());
    }

    [Fact]
    public void Rows_to_predict_are_read_in_their_own_format_and_have_their_ids()
    {
        _sisa.Write("sisa.yaml", """
            corpus: { format: csv, header: false, delimiter: "\t", fields: { id: c3, text: c1, label: c2 } }
            labels: [a, b]
            ensemble: { shards: 1, slices: 1 }
            """);
        _sisa.Write("train.tsv", "good\ta\t1\nbad\tb\t2\ngood day\ta\t3\nbad day\tb\t4\n");
        _sisa.Write("q.jsonl", "{\"c1\":\"bad day\",\"c3\":\"q1\"}\n");
        _sisa.Write("no-id.jsonl", "{\"c1\":\"bad day\"}\n");
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "train.tsv").Expect(ExitCode.Done);
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);

        var fromFile = _sisa.Run("predict", "q.jsonl").Expect(ExitCode.Done).Output;

        Assert.Equal(_sisa.Answer("{\"c1\":\"bad day\",\"c3\":\"q1\"}\n", "predict").Expect(ExitCode.Done).Output, fromFile);
        Assert.Contains("\"q1\"", fromFile, StringComparison.Ordinal);
        Assert.Contains("'c3'", _sisa.Run("predict", "no-id.jsonl").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
        _sisa.Answer("{\"c1\":\"bad day\"}\n", "predict").Expect(ExitCode.Done);
    }

    public void Dispose() => _sisa.Dispose();

    private void IngestNumbers()
    {
        WriteNumbers();
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.csv").Expect(ExitCode.Done);
    }

    // Items 1 to 40 of users 2 to 20 and 1, twice: each number is an item's, and another one's user.
    private void WriteNumbers()
    {
        _sisa.Write("corpus.csv", "id,user_id,text,y\n" + string.Concat(Enumerable.Range(1, 40).Select(i => $"{i},{(i % 20) + 1},note {i} by day,{(i % 2 == 0 ? 'a' : 'b')}\n")));
        _sisa.Write("sisa.yaml", """
            corpus: { format: csv, fields: { id: id, subject: user_id, text: text, label: y } }
            labels: [a, b]
            ensemble: { shards: 3, slices: 2 }
            training: { epochs: 1 }
            """);
    }
}
