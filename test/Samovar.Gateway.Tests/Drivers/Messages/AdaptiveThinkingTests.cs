using System.Text;
using System.Text.Json;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>Models of Anthropic from 4.6 on decide themselves how much they think, and those from 4.7 on refuse all else.</summary>
public sealed class AdaptiveThinkingTests
{
    private const string Opus = "claude-opus-4-8", Summarized = """{"type":"adaptive","display":"summarized"}""";

    [Theory]
    [InlineData(Opus, "high", Summarized, """{"effort":"high"}""")]
    [InlineData(Opus, "xhigh", Summarized, """{"effort":"xhigh"}""")]
    [InlineData(Opus, "minimal", Summarized, """{"effort":"low"}""")]
    [InlineData(Opus, "none", """{"type":"disabled"}""", null)]
    [InlineData("claude-opus-4-6", "xhigh", Summarized, """{"effort":"high"}""")]
    [InlineData("claude-opus-4-6", "max", Summarized, """{"effort":"max"}""")]
    [InlineData("claude-sonnet-5-5", "none", """{"type":"between_tools"}""", null)]
    [InlineData("claude-haiku-4-5", "medium", """{"type":"enabled","budget_tokens":8192}""", null)]
    [InlineData("other", "medium", """{"type":"enabled","budget_tokens":8192}""", null)]
    public async Task Effort_IsSaidAsTheModelTakesIt(string model, string effort, string thinking, string? output)
    {
        var (body, dropped) = await AskAsync(model, $$""","reasoning":{"effort":"{{effort}}"}""");
        Assert.Equal(thinking, Field(body, "thinking"));
        Assert.Equal(output, Field(body, "output_config"));
        Assert.Empty(dropped);
    }

    [Fact]
    public async Task Setting_SaysIt_OfAModelThatIsNotKnown()
    {
        var (body, _) = await AskAsync("other", ""","reasoning":{"effort":"low"}""", "adaptive");
        Assert.Equal((Summarized, """{"effort":"low"}"""), (Field(body, "thinking"), Field(body, "output_config")));
    }

    [Fact]
    public async Task ModelThatAlwaysThinks_IsAskedForLittle_AndThatItThinksIsSaid()
    {
        var (body, dropped) = await AskAsync("claude-opus-5-5", ""","reasoning":{"effort":"none"}""");
        Assert.Equal((null, """{"effort":"low"}"""), (Field(body, "thinking"), Field(body, "output_config")));
        Assert.Equal(["reasoning.effort"], dropped);
    }

    [Fact]
    public async Task Summary_IsAskedFor_OfAModelThatThinksUnasked()
    {
        var (body, _) = await AskAsync("claude-sonnet-5", ""","reasoning":{"summary":"auto"}""");
        Assert.Equal(Summarized, Field(body, "thinking"));
        (body, _) = await AskAsync(Opus, ""","reasoning":{"summary":"auto"}""");
        Assert.Null(Field(body, "thinking")); // it would begin to think
    }

    [Fact]
    public async Task EffortAndFormat_AreOneObject()
    {
        var (body, _) = await AskAsync(Opus, ""","reasoning":{"effort":"low"},"text":{"format":{"type":"json_schema","name":"n","schema":"""
            + """{"type":"object"}}}""");
        Assert.Equal("""{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}}""", Field(body, "output_config"));
    }

    [Theory]
    [InlineData(Opus, null, "high")]
    [InlineData("claude-opus-5", """{"type":"disabled"}""", "xhigh")]
    public async Task ForcedCall_TakesPrecedence(string model, string? thinking, string effort)
    {
        var (body, _) = await AskAsync(model, $$"""{{TestGateway.Tools}},"tool_choice":"required","reasoning":{"effort":"{{effort}}"}""");
        Assert.Equal((thinking, """{"effort":"high"}"""), (Field(body, "thinking"), Field(body, "output_config")));
    }

    [Theory]
    [InlineData(Opus, "", "", "top_k temperature top_p")]
    [InlineData("claude-opus-4-6", "", "top_k temperature", "top_p")]
    [InlineData("claude-opus-4-6", ""","reasoning":{"effort":"low"}""", "", "top_k temperature top_p")]
    [InlineData("claude-haiku-4-5", ""","reasoning":{"effort":"low"}""", "", "top_k temperature top_p")]
    [InlineData("claude-haiku-4-5", "", "top_k temperature", "top_p")]
    public async Task SamplingThatIsRefused_IsLeftOut_AndNamed(string model, string fields, string sent, string dropped)
    {
        var (body, named) = await AskAsync(model, fields + ""","temperature":0.5,"top_p":0.9,"top_k":5""");
        Assert.Equal(sent, string.Join(' ', body.EnumerateObject().Select(field => field.Name)
            .Where(name => name is "top_k" or "temperature" or "top_p")));
        Assert.Equal(dropped, string.Join(' ', named));
    }

    [Fact]
    public async Task SamplingThatIsUsualAnyway_IsLeftOut_AndNotNamed() =>
        Assert.Empty((await AskAsync(Opus, ""","temperature":1,"top_p":1,"top_k":0""")).Dropped);

    /// <summary>What Messages clients say reaches the model as they said it.</summary>
    [Theory]
    [InlineData(Opus, """ "thinking":{"type":"adaptive"} """, """{"type":"adaptive"}""", null)]
    [InlineData(Opus, """ "thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"max"} """, Summarized,
        """{"effort":"max"}""")]
    [InlineData(Opus, """ "thinking":{"type":"adaptive","display":"omitted"} """, """{"type":"adaptive","display":"omitted"}""", null)]
    [InlineData(Opus, """ "thinking":{"type":"enabled","budget_tokens":8192} """, """{"type":"adaptive"}""", """{"effort":"medium"}""")]
    [InlineData(Opus, """ "output_config":{"effort":"low"} """, null, """{"effort":"low"}""")] // its model does not think unasked
    [InlineData(Opus, """ "thinking":{"type":"disabled"},"output_config":{"effort":"low"} """, """{"type":"disabled"}""",
        """{"effort":"low"}""")]
    [InlineData("claude-sonnet-5-5", """ "thinking":{"type":"between_tools"} """, """{"type":"between_tools"}""", null)]
    [InlineData("claude-haiku-4-5", """ "thinking":{"type":"adaptive"},"output_config":{"effort":"high"} """,
        """{"type":"enabled","budget_tokens":16384}""", null)]
    public async Task MessagesClient_IsTakenAtItsWord(string model, string fields, string? thinking, string? output)
    {
        var (body, dropped) = await AskAsync(model, fields.Trim(), isMessages: true);
        Assert.Equal((thinking, output), (Field(body, "thinking"), Field(body, "output_config")));
        Assert.Empty(dropped);
    }

    [Fact]
    public async Task AdaptiveThinking_IsNamed_WhereTheModelNeedsABudgetAndNothingSaysHowMuch()
    {
        var (body, dropped) = await AskAsync("other", """ "thinking":{"type":"adaptive"} """, isMessages: true);
        Assert.Null(Field(body, "thinking"));
        Assert.Equal(["thinking.type"], dropped);
    }

    private static async Task<(JsonElement Body, IReadOnlyList<string> Dropped)> AskAsync(
        string model, string fields, string thinking = "budget", bool isMessages = false)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options("messages", upstream);
        var destination = options.Pools[0].Destinations[0];
        destination.Models.Clear();
        destination.Models.Add($"{TestGateway.Model}={model}");
        destination.Thinking = thinking;
        using var gateway = new TestGateway(options);
        var result = isMessages
            ? await gateway.TurnAsync(MessagesRequestReader.Read(Encoding.UTF8.GetBytes(
                $$"""{"messages":[{"role":"user","content":"x"}],{{fields}}}"""), ProtocolLimits.Default).Request)
            : await gateway.TurnAsync(null, TestGateway.User("x"), fields);
        return (upstream.Requests.Last().Json, result.Report.Dropped);
    }

    private static string? Field(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) ? JsonSerializer.Serialize(value) : null;
}
