using System.Text.Json;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Drivers.Chat;

/// <summary>Streams of <c>message</c> instead of <c>delta</c>: whole at the end, growing, or piece by piece.</summary>
public sealed class MessagesInStreamsTests
{
    private static readonly string Look = """,[{"index":0,"id":"a","function":{"name":"look","arguments":ARGS}}]"""[1..];

    [Theory]
    [InlineData("Hel|lo| you|", "Hello you")]
    [InlineData("Hel|lo| you|Hello you", "Hello you")]
    [InlineData("Hel|Hello|Hello you|Hello you", "Hello you")]
    [InlineData("Hello you|Hello you", "Hello you")]
    public async Task Text_IsToldOnce_InPiecesAndGrowing(string contents, string text) => Assert.Equal($"text '{text}' | completed",
        await PlayAsync([.. contents.Split('|').Select(content => Message($$"""{"content":"{{content}}"}""")), End("stop")]));

    [Theory]
    [InlineData("Hello")]
    [InlineData("Hel")]
    [InlineData(" Hello")]
    [InlineData("Good day")]
    public async Task WholeMessageBehindDeltas_RepeatsThem_AlsoInOtherWords(string whole) => Assert.Equal("text 'Hello' | completed",
        await PlayAsync(Delta("""{"content":"Hel"}"""), Delta("""{"content":"lo"}"""), Message($$"""{"content":"{{whole}}"}""", "stop")));

    [Fact]
    public async Task TextBehindItsThought_IsTold() => Assert.Equal("thought 'hm' | text 'Hello' | completed", await PlayAsync(
        Message("""{"reasoning_content":"hm","content":""}"""), Message("""{"reasoning_content":"hm","content":"Hello"}""", "stop")));

    [Fact]
    public async Task CallsOfALaterMessage_AreTold()
    {
        var last = Message($$"""{"content":"Hello","tool_calls":{{Calls("""{"q":"x"}""")}}}""", "tool_calls");
        const string expected = """text 'Hello' | look({"q":"x"}) | completed""";
        Assert.Equal(expected, await PlayAsync(Message("""{"content":"Hel"}"""), last, last));
        Assert.Equal(expected, await PlayAsync(Delta("""{"content":"Hel"}"""), Delta("""{"content":"lo"}"""), last));
        Assert.Equal(expected, await PlayAsync(Delta("""{"content":"Hello"}"""), Call(null, "a", "look", """{"q":"""),
            Call(null, null, null, "\"x\"}"), last));
    }

    [Theory]
    [InlineData("b", """{"q":"x"}""")]
    [InlineData("a", """{ "q": "x" }""")]
    [InlineData(null, """{"q" :"x"}""")]
    public async Task CallsBehindDeltas_AreToldOnce_AlsoInOtherWords(string? id, string arguments) =>
        Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(Call(0, "a", "look", """{"q":"""), Call(0, null, null, "\"x\"}"),
            Message($$"""{"content":"","tool_calls":{{Calls(arguments, id)}}}""", "tool_calls")));

    [Theory]
    [InlineData("a")]
    [InlineData(null)]
    public async Task CallThatGrowsInItsMessage_IsOneCall(string? id) => Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(
        [.. new[] { "", """{"q":""", """{"q":"x"}""", """{"q":"x"}""" }.Select(arguments =>
            Message($$"""{"content":"","tool_calls":{{Calls(arguments, id)}}}""")), End("tool_calls")]));

    [Fact]
    public async Task MessagePiecesWithoutAnEnd_AreNoWholeAnswer() => Assert.EndsWith("failed (502)",
        await PlayAsync(new Samovar.Testing.Upstreams.RawAnswer([$"data: {Message("""{"content":"Hel"}""")}\n\n",
            $"data: {Message("""{"content":"lo"}""")}\n\n"])), StringComparison.Ordinal);

    private static string Calls(string arguments, string? id = "a") => Look
        .Replace("ARGS", JsonSerializer.Serialize(arguments), StringComparison.Ordinal)
        .Replace("\"a\"", JsonSerializer.Serialize(id), StringComparison.Ordinal);

    private static string Message(string message, string? finish = null) =>
        $$"""{"choices":[{"index":0,"message":{{message}},"finish_reason":{{JsonSerializer.Serialize(finish)}}}]}""";
}
