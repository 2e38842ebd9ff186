using Samovar.Cli.Connect.Edits;

namespace Samovar.Tests.Connect;

/// <summary>What agents and users write between our marks, or where it hangs on ours, is theirs.</summary>
public sealed class MarkedTextTests
{
    private const string Config = ".codex/config.toml", Continue = ".continue/config.yaml", Aider = ".aider.conf.yml";

    [Theory]
    [InlineData("[projects.a]\ntrust_level = \"trusted\"\n")]
    [InlineData("[[skills.config]]\npath = \"a\"\n[[skills.config]]\npath = \"b\"\n")]
    [InlineData("# a note\n[mcp_servers.x]\ncommand = '''\n# >>> not a mark\nname = \"Samovar\"\n'''\nname = \"Samovar\"\n")]
    public async Task TableBeforeTheEndOfOurBlock_Stays(string added)
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Config, "model = \"mine\"\n");
        Assert.Equal(0, await home.ConnectAsync("codex", isDefault: true));
        home.Write(Config, AtEnd(home.Read(Config), MarkedText.End, added));
        Assert.Equal(0, await home.ConnectAsync("codex", "other", isDefault: true));
        Assert.Contains(added, home.Read(Config), StringComparison.Ordinal);
        home.Write(Config, home.Read(Config) + "[z]\n");
        Assert.Equal(0, home.Undo("codex"));
        Assert.StartsWith("model = \"mine\"\n", home.Read(Config), StringComparison.Ordinal);
        Assert.Contains(added, home.Read(Config), StringComparison.Ordinal);
        Assert.DoesNotContain("model_providers", home.Read(Config), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeyInOurHead_Stays_AndAnotherValueIsAComment()
    {
        await using var home = await ConnectedAgent.StartAsync();
        Assert.Equal(0, await home.ConnectAsync("codex"));
        home.Replace(Config, "model = \"m\"\n", "model = \"gpt\"\nmodel_reasoning_effort = \"high\"\n");
        Assert.Equal(0, await home.ConnectAsync("codex", "other"));
        Assert.Contains("model_reasoning_effort = \"high\"\n", home.Read(Config), StringComparison.Ordinal);
        Assert.Contains("model = \"other\"\n", home.Read(Config), StringComparison.Ordinal);
        Assert.Contains("# model = \"gpt\"\n", home.Read(Config), StringComparison.Ordinal);
        Assert.Equal(0, home.Undo("codex"));
        Assert.Equal("# model = \"gpt\"\nmodel_reasoning_effort = \"high\"\n", home.Read(Config));
    }

    [Fact]
    public async Task WhatWasAddedToOurTable_GoesWithIt_AndIsACommentWithoutIt()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Config, "[a]\nb = 1\n");
        Assert.Equal(0, await home.ConnectAsync("codex"));
        home.Write(Config, home.Read(Config) + "stream_max_retries = 3\nquery_params = {\n  a = \"b\" }\n"
            + "[model_providers.samovar.http_headers]\nx = \"y\"\n[z]\nname = 1\n");
        for (var time = 0; time < 2; time++)
        {
            Assert.Equal(0, await home.ConnectAsync("codex", "other" + time));
            var statements = TomlScan.Read(MarkedText.Lines(home.Read(Config)));
            foreach (var (table, key) in ((string, string)[])[("model_providers.samovar", "stream_max_retries"), ("z", "name"),
                ("model_providers.samovar", "query_params"), ("model_providers.samovar.http_headers", "x"), ("a", "b")])
                Assert.Single(statements, one => one.Table == table && one.Key == key);
            Assert.Single(statements, one => one is { Key: null, Table: "model_providers.samovar" });
        }
        home.Write(Config, home.Read(Config) + "\n[y]\n");
        Assert.Equal(0, home.Undo("codex"));
        var left = TomlScan.Read(MarkedText.Lines(home.Read(Config)));
        Assert.Equal(["a", "a.b", "z", "z.name", "y"], left.Select(static one => one.Key is null ? one.Table : $"{one.Table}.{one.Key}"));
        foreach (var line in (string[])
            ["# [model_providers.samovar]\n", "# stream_max_retries = 3\n", "#   a = \"b\" }\n", "# x = \"y\"\n"])
            Assert.Contains(line, home.Read(Config), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "  - name: B\n    provider: openai\n    model: \"m\"\n", false)]
    [InlineData(null, "  - name: B\n    provider: openai\n", true)]
    [InlineData("name: me\nmodels: []\n", "  - name: B\n", true)]
    [InlineData("name: me\nmodels:\n- name: A\n", "- name: B\n  model: b\n", false)]
    [InlineData("name: me\nmodels:\n  - name: A\n", "rules:\n- x\n", null)]
    public async Task EntryBesideOurs_Stays_AndItsListWithIt(string? before, string added, bool? isBehind)
    {
        await using var home = await ConnectedAgent.StartAsync();
        if (before is not null) home.Write(Continue, before);
        Assert.Equal(0, await home.ConnectAsync("continue"));
        var text = home.Read(Continue);
        home.Write(Continue, isBehind == false ? AtEnd(text, MarkedText.End, added) : isBehind == true
            ? text.Replace(MarkedText.End + "\n", MarkedText.End + "\n" + added, StringComparison.Ordinal) : text + added);
        for (var time = 0; time < 2; time++)
        {
            Assert.Equal(0, await home.ConnectAsync("continue", "other" + time));
            Assert.Contains(added, home.Read(Continue), StringComparison.Ordinal);
            Assert.Single(home.Read(Continue).Split('\n'), static line => line == "models:");
            Assert.Contains($"- name: \"Samovar other{time}\"\n", home.Read(Continue), StringComparison.Ordinal);
        }
        home.Write(Continue, home.Read(Continue) + "\n");
        Assert.Equal(0, home.Undo("continue"));
        Assert.Contains(added, home.Read(Continue), StringComparison.Ordinal);
        Assert.Single(home.Read(Continue).Split('\n'), static line => line == "models:");
        Assert.DoesNotContain("apiBase", home.Read(Continue), StringComparison.Ordinal);
        Assert.DoesNotContain("models: []", home.Read(Continue), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatWasAddedToOurEntry_GoesWithIt_AndIsACommentWithoutIt()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Continue, "models:\n  - name: A\n");
        Assert.Equal(0, await home.ConnectAsync("continue"));
        home.Replace(Continue, "    useResponsesApi: false\n",
            "    useResponsesApi: true\n    requestOptions:\n      timeout: 7\n    # a note\n");
        Assert.Equal(0, await home.ConnectAsync("continue", "other"));
        Assert.Contains("    requestOptions:\n      timeout: 7\n  # <<< samovar connect\n", home.Read(Continue), StringComparison.Ordinal);
        Assert.Contains("    useResponsesApi: false\n", home.Read(Continue), StringComparison.Ordinal);
        Assert.Contains("    # a note\n", home.Read(Continue), StringComparison.Ordinal);
        home.Write(Continue, home.Read(Continue) + "rules: []\n");
        Assert.Equal(0, home.Undo("continue"));
        string[] left =
        [
            "models:", "#     useResponsesApi: true", "#     requestOptions:", "#       timeout: 7", "    # a note", "  - name: A",
            "rules: []", "",
        ];
        Assert.Equal(left.Order(StringComparer.Ordinal), home.Read(Continue).Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task KeyBetweenOurKeys_Stays_InYaml()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Aider, "model: sonnet\n");
        Assert.Equal(0, await home.ConnectAsync("aider"));
        home.Replace(Aider, "model: \"openai/m\"\n", "model: \"openai/mine\"\nread:\n- a.md\n- b.md\ndark-mode: true\n");
        Assert.Equal(0, await home.ConnectAsync("aider", "other"));
        Assert.Contains("read:\n- a.md\n- b.md\ndark-mode: true\n", home.Read(Aider), StringComparison.Ordinal);
        Assert.Equal(0, home.Undo("aider"));
        Assert.Equal("model: sonnet\n# model: \"openai/mine\"\nread:\n- a.md\n- b.md\ndark-mode: true\n", home.Read(Aider));
    }

    /// <summary>Put before the last line that says so.</summary>
    private static string AtEnd(string text, string mark, string added)
    {
        var line = text.LastIndexOf('\n', text.LastIndexOf(mark, StringComparison.Ordinal)) + 1;
        return text.Insert(line, added);
    }
}
