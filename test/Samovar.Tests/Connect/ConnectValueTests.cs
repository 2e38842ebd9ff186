using System.Text.Json.Nodes;
using Samovar.Cli.Connect.Edits;

namespace Samovar.Tests.Connect;

/// <summary>A value of a JSON file is taken back only while it is the one that was written.</summary>
public sealed class ConnectValueTests
{
    private const string Opencode = ".config/opencode/opencode.json", Pi = ".pi/agent/settings.json", Claude = ".claude/settings.json";
    private const string Cline = ".cline/data/settings/providers.json";

    [Theory]
    [InlineData("opencode", Opencode, "{\"model\":\"a/x\"}", "\"a/x\"", "\"a/y\"")]
    [InlineData("opencode", Opencode, "{}", "\"samovar/m\"", "\"a/y\"")]
    [InlineData("pi", Pi, "{}", "\"samovar\"", "\"anthropic\"")]
    [InlineData("cline", Cline, "{\"lastUsedProvider\":\"a\"}", "\"lastUsedProvider\":\"openai-compatible\"", "\"lastUsedProvider\":\"b\"")]
    [InlineData("claude", Claude, "{\"env\":{\"ANTHROPIC_MODEL\":\"a\"}}", "\"ANTHROPIC_MODEL\":\"m\"", "\"ANTHROPIC_MODEL\":\"b\"")]
    public async Task ValueThatTheUserChangedSince_Stays(string agent, string file, string before, string written, string changed)
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(file, before);
        Assert.Equal(0, await home.ConnectAsync(agent));
        home.Replace(file, written, changed);
        Assert.Equal(0, await home.ConnectAsync("codex")); // which is nothing to it
        Assert.Equal(0, home.Undo(agent));
        Assert.Contains(changed, home.Read(file), StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", home.Read(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DefaultThatTheUserChose_BetweenTwoConnects_ComesBack()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Opencode, "{\"model\":\"a/x\"}");
        Assert.Equal(0, await home.ConnectAsync("opencode"));
        home.Replace(Opencode, "a/x", "a/y");
        Assert.Equal(0, await home.ConnectAsync("opencode", isDefault: true));
        Assert.Contains("\"samovar/m\"", home.Read(Opencode), StringComparison.Ordinal);
        Assert.Equal(0, home.Undo("opencode"));
        Assert.Equal("{\"model\":\"a/y\"}", Plain(home.Read(Opencode)));
    }

    [Fact]
    public async Task EntryOfAnother_ComesBack_WithWhatWasAddedToOurs()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Cline, """{"providers":{"openai-compatible":{"settings":{"apiKey":"mine","headers":{"a":"b"}}}}}""");
        Assert.Equal(0, await home.ConnectAsync("cline"));
        home.Replace(Cline, "\"model\": \"m\"", "\"model\": \"m\", \"reasoning\": true");
        Assert.Equal(0, await home.ConnectAsync("cline", "other"));
        Assert.Contains("\"reasoning\": true", home.Read(Cline), StringComparison.Ordinal);
        Assert.Contains("\"model\": \"other\"", home.Read(Cline), StringComparison.Ordinal);
        home.Replace(Cline, "\"reasoning\": true", "\"reasoning\": false");
        Assert.Equal(0, home.Undo("cline"));
        var settings = JsonNode.Parse(home.Read(Cline))!["providers"]!["openai-compatible"]!["settings"]!;
        Assert.Equal("""{"apiKey":"mine","headers":{"a":"b"},"reasoning":false}""", Sorted(settings.AsObject()));
    }

    [Fact]
    public async Task EntryOfOurs_GoesWhenOnlyItsTimeChanged_AndStaysWholeWhenMoreDid()
    {
        await using var home = await ConnectedAgent.StartAsync();
        Assert.Equal(0, await home.ConnectAsync("cline"));
        home.Replace(Cline, "2026-01-01T", "2026-11-11T");
        Assert.Equal(0, home.Undo("cline"));
        Assert.Empty(home.Files);
        Assert.Equal(0, await home.ConnectAsync("cline"));
        home.Replace(Cline, "\"providers\": {", "\"providers\": {\n    \"a\": {},");
        home.Replace(Cline, "\"manual\"", "\"oauth\"");
        Assert.Equal(0, home.Undo("cline"));
        var json = JsonNode.Parse(home.Read(Cline))!;
        Assert.Equal(["version", "providers"], json.AsObject().Select(static one => one.Key).Order(StringComparer.Ordinal).Reverse());
        Assert.Equal(3, json["providers"]!["openai-compatible"]!.AsObject().Count);
        Assert.NotNull(json["providers"]!["a"]);
    }

    [Fact]
    public async Task FileThatWasConnected_IsTakenBack_ThoughTheAgentReadsAnotherToo()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Opencode + "c", "{ // mine\n  \"theme\": \"x\"\n}\n");
        Assert.Equal(0, await home.ConnectAsync("opencode"));
        home.Write(Opencode, "{}");
        Assert.Equal(0, home.Undo("opencode"));
        Assert.Equal("{ // mine\n  \"theme\": \"x\"\n}\n", home.Read(Opencode + "c"));
        Assert.Equal("{}", home.Read(Opencode));
    }

    private static readonly JsonEdit Edit = new([(["env", "URL"], "\"u\""), (["p", "samovar"], "{\"a\":1,\"b\":{\"c\":2}}")]);

    [Theory]
    [InlineData("{\n  // why\n  \"b\": [1, 2,], /* and */\n  \"env\": { \"OTHER\": \"x\" /* o */, },\n}\n")]
    [InlineData("{ \"env\": { /* first */ \"URL\" : /* value */ \"old\" /* behind */ , \"X\": \"http://x\" } // end\n}")]
    [InlineData("{ \"p\": {} // last\n }")]
    [InlineData("{ \"p\": { \"samovar\": { \"mine\": 1, /* a */ } } }")]
    public void Comments_Stay_WhenSomebodyWroteSince(string text)
    {
        var written = Edit.Apply(text);
        var now = written.Replace("\"URL\"", "\"NEW\": \"n\", /* new */ \"URL\"", StringComparison.Ordinal);
        var back = Edit.Revert(now, text, written);
        var next = Edit.Renew(now, written, Edit.Apply(back));
        foreach (var comment in JsonText.Comments(now)) Assert.Contains(comment, next, StringComparison.Ordinal);
        foreach (var comment in JsonText.Comments(text).Append(" new "))
            Assert.Contains(comment, back, StringComparison.Ordinal);
        var expected = JsonNode.Parse(text, null, Lenient)!.AsObject();
        if (expected["env"] is null) expected["env"] = new JsonObject();
        expected["env"]!["NEW"] = "n";
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(back, null, Lenient)), back);
    }

    [Fact]
    public void CommentInAnEntryOfOurs_KeepsIt()
    {
        var written = Edit.Apply("{}");
        var now = written.Replace("\"a\": 1", "// mine\n\"a\": 1", StringComparison.Ordinal);
        var next = Edit.Renew(now, written, "{\"p\":{\"samovar\":{\"a\":3}}}");
        Assert.Contains("// mine", next, StringComparison.Ordinal);
        Assert.Equal("{\"p\":{\"samovar\":{\"a\":3}}}", Plain(next));
        Assert.Contains("// mine", Edit.Revert(now, "{}", written), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"a\": 1, // note\n \"b\": 2 }")]
    [InlineData("{ // note\n \"b\": 2 , \"a\": 1 }")]
    [InlineData("{ \"a\": 1, /* x */ \"b\": 2 /* y */, \"c\": \"//\" }")]
    [InlineData("{ \"u\": \"http://a\", \"b\": 2 }")]
    [InlineData("{\"b\":2}")]
    public void ValueTakenOut_LeavesJson(string text)
    {
        var edit = new JsonEdit([(["b"], "2")]);
        var expected = JsonNode.Parse(text, null, Lenient)!.AsObject();
        expected.Remove("b");
        var back = edit.Revert(text, "{}");
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(back, null, Lenient)), back);
        foreach (var comment in JsonText.Comments(text)) Assert.Contains(comment, back, StringComparison.Ordinal);
        if (JsonText.Comments(text).Count == 0) Assert.NotNull(JsonNode.Parse(back));
    }

    private static readonly System.Text.Json.JsonDocumentOptions Lenient = new()
    {
        CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true,
    };

    private static string Plain(string text) => JsonNode.Parse(text, null, Lenient)!.ToJsonString();

    private static string Sorted(JsonObject json) => new JsonObject(json.OrderBy(static one => one.Key, StringComparer.Ordinal)
        .Select(static one => KeyValuePair.Create(one.Key, one.Value?.DeepClone()))).ToJsonString();
}
