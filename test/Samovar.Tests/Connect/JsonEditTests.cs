using Samovar.Cli.Agents;
using Samovar.Cli.Connect.Edits;

namespace Samovar.Tests.Connect;

/// <summary>JSON that somebody wrote keeps its order, its spaces and its comments.</summary>
public sealed class JsonEditTests
{
    private static readonly JsonEdit Edit = new([(["env", "URL"], "\"u\""), (["env", "KEY"], "\"k\""), (["model"], "\"m\"")]);

    [Theory]
    [InlineData("{}")]
    [InlineData("{\n}\n")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\n  // why\n  \"b\": [1, 2,], /* and */\n  \"env\": { \"OTHER\": \"x\" },\n}\n")]
    [InlineData("{\n\t\"model\": \"old\",\n\t\"env\": {\"KEY\": null}\n}")]
    [InlineData("{\r\n  \"env\": {},\r\n  \"z\": \"}\"\r\n}\r\n")]
    public void Json_IsTheSameAgain_AndComesBackInMeaning(string text)
    {
        var once = Edit.Apply(text);
        Assert.Equal(once, Edit.Apply(once));
        foreach (var (path, value) in Edit.Properties) Assert.Equal(value, JsonPlaces.ValueOf(Bytes(once), path));
        var back = Edit.Revert(once, text);
        Assert.Equal(Plain(text), Plain(back));
        foreach (var comment in (string[])["// why", "/* and */"])
            if (text.Contains(comment, StringComparison.Ordinal)) Assert.Contains(comment, once, StringComparison.Ordinal);
    }

    [Fact]
    public void NewFile_IsLaidOut_AndIsNothingWithoutOurs()
    {
        var once = Edit.Apply("");
        Assert.Equal("{\n  \"model\": \"m\",\n  \"env\": {\n    \"KEY\": \"k\",\n    \"URL\": \"u\"\n  }\n}\n", once);
        Assert.True(Edit.IsNothing(Edit.Revert(once, "")));
    }

    [Fact]
    public void WhatIsAround_StaysToTheByte()
    {
        const string text = "{\n   \"permissions\" : {\"allow\":[ \"Bash(ls)\" ]},\n   \"env\":{\"A\":\"1\"} // end\n}";
        var once = Edit.Apply(text);
        Assert.Contains("   \"permissions\" : {\"allow\":[ \"Bash(ls)\" ]},\n", once, StringComparison.Ordinal);
        Assert.Contains("\"A\":\"1\"} // end\n}", once, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatWasWrittenSince_StaysWhenItComesBack()
    {
        var later = Edit.Apply("{\"env\":{\"KEY\":\"mine\"}}")
            .Replace("\"model\"", "\"theme\": \"dark\", \"model\"", StringComparison.Ordinal);
        Assert.Equal("{\"theme\":\"dark\",\"env\":{\"KEY\":\"mine\"}}", Plain(Edit.Revert(later, "{\"env\":{\"KEY\":\"mine\"}}")));
    }

    [Theory]
    [InlineData("{\"a\":1", "line 1 is no JSON")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("{\n\n\"a\" 1}", "line 3 is no JSON")]
    [InlineData("{\"env\":7}", "'env' is no object")]
    public void BrokenJson_IsRefused(string text, string named) =>
        Assert.Contains(named, Assert.Throws<UsageException>(() => Edit.Apply(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("+   \"apiKey\": \"sk-other\",", "+   \"apiKey\": \"…\",")]
    [InlineData("- {\"ANTHROPIC_AUTH_TOKEN\":\"a b\",\"x\":1}", "- {\"ANTHROPIC_AUTH_TOKEN\": \"…\",\"x\":1}")]
    [InlineData("+ openai-api-key: sk-1", "+ openai-api-key: \"…\"")]
    [InlineData("+ env_key = \"NAME\"", "+ env_key = \"NAME\"")]
    [InlineData("+ \"apiKey\": \"{env:NAME}\"", "+ \"apiKey\": \"{env:NAME}\"")]
    [InlineData("+ url = \"http://sk-mine@host\"", "+ url = \"http://…@host\"")]
    public void Secrets_AreNotShown(string line, string shown) => Assert.Equal(shown, TextDiff.Masked(line, "sk-mine"));

    [Fact]
    public void Differences_ShowWhatChangesAlone() => Assert.Equal(
        ["@@ line 2", "- b", "+ x", "@@ line 4", "+ d"], TextDiff.Lines("a\nb\nc\n", "a\nx\nc\nd\n", null));

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Plain(string text) => System.Text.Json.Nodes.JsonNode.Parse(text, null, new System.Text.Json.JsonDocumentOptions
    {
        CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true,
    })!.ToJsonString();
}
