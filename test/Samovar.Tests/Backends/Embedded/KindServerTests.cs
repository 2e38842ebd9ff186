using System.Text.Json;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Models that keep windows or one state, in the whole server: who comes back pays for what is new, and hears what he would hear
/// of a server that keeps nothing.</summary>
public sealed class KindServerTests
{
    private const int Answer = 60, Slack = 16;
    private static readonly string Instructions = string.Join(' ', Enumerable.Repeat("the tea stands in the garden near the river", 12));

    [Theory]
    [InlineData("gemma3")]
    [InlineData("qwen35")]
    public async Task StrippedThoughts_CancelledTurns_AndSecondSessions_AreCached(string architecture)
    {
        await using var warm = await StartAsync(architecture, streams: 2, parked: 1 << 28);
        await using var cold = await StartAsync(architecture, streams: 1, parked: 0);
        await using var socket = await warm.ConnectAsync();
        await using var other = await cold.ConnectAsync();
        Said? last = null, lastCold = null;
        for (var turn = 0; turn < 4; turn++)
        {
            var question = Question(turn);
            var said = await AskAsync(socket, question, last?.Id);
            lastCold = await AskColdAsync(other, question, lastCold?.Id);
            Assert.Equal(lastCold.Text, said.Text);
            if (last is not null) Assert.InRange(said.Cached, last.Input - Slack, said.Input); // all but the thoughts and what they led to
            last = said;
        }

        await CancelAsync(socket, Question(4), last!.Id);
        var again = await AskAsync(socket, Question(4), last.Id);
        Assert.InRange(again.Input - again.Cached, 1, Slack);
        Assert.Equal((await AskColdAsync(other, Question(4), lastCold!.Id)).Text, again.Text);

        await using var second = await warm.ConnectAsync();
        var newcomer = await AskAsync(second, Question(5), null);
        Assert.InRange(newcomer.Cached, 0.95 * (newcomer.Input - Question(5).Length), newcomer.Input);
        Assert.Equal((await AskColdAsync(other, Question(5), null)).Text, newcomer.Text);
    }

    private static string Question(int turn) =>
        string.Concat(Enumerable.Range(0, 40).Select(at => (char)('a' + (at * (turn + 3) + turn) % 26)));

    private static Task<RunningServer> StartAsync(string architecture, int streams, long parked)
    {
        var path = KindModel.Ensure(
            Path.Combine(AppContext.BaseDirectory, "models"), ModelKind.Of(architecture), thinks: true, WeightType.Q8);
        return RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = path, ["Engine:ContextTokens"] = "4096", ["Engine:Streams"] = $"{streams}",
            ["Engine:ParkedBytesMax"] = $"{parked}", ["Engine:Threads"] = "1", ["Engine:BatchTokens"] = "48",
            ["Engine:DraftTokensMax"] = "0", // with short batches the same sums, whatever is computed together
        });
    }

    private static string Frame(string question, string? previous, int answerMax, string instructions) => JsonSerializer.Serialize(
        new Dictionary<string, object?>
        {
            ["type"] = "response.create", ["model"] = "m", ["temperature"] = 0, ["max_output_tokens"] = answerMax,
            ["instructions"] = instructions, ["input"] = question, ["previous_response_id"] = previous,
        });

    private static async Task<Said> AskAsync(ClientSocket socket, string question, string? previous) =>
        Said.Of((await socket.AskAsync(Frame(question, previous, Answer, Instructions)))[^1]);

    /// <summary>Another conversation takes the only stream first.</summary>
    private static async Task<Said> AskColdAsync(ClientSocket socket, string question, string? previous)
    {
        await socket.AskAsync(Frame("x", null, 16, "something else"));
        var said = await AskAsync(socket, question, previous);
        Assert.InRange(said.Cached, 0, Slack);
        return said;
    }

    private static async Task CancelAsync(ClientSocket socket, string question, string previous)
    {
        await socket.SendAsync(Frame(question, previous, 2000, Instructions));
        JsonElement e;
        do e = await socket.ReceiveAsync();
        while (!e.GetProperty("type").GetString()!.EndsWith(".delta", StringComparison.Ordinal));
        await socket.SendAsync("""{"type":"response.cancel"}""");
        if (!ClientSocket.IsTerminal(e)) await socket.ReceiveTurnAsync();
    }

    private sealed record Said(string Id, int Input, int Cached, string Text)
    {
        public static Said Of(JsonElement e)
        {
            Assert.True(e.TryGetProperty("response", out var response), e.ToString());
            var usage = response.GetProperty("usage");
            return new Said(response.GetProperty("id").GetString()!, usage.GetProperty("input_tokens").GetInt32(),
                usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32(),
                string.Concat(response.GetProperty("output").EnumerateArray().Select(TextOf)));
        }

        private static string TextOf(JsonElement item) => item.GetProperty("type").GetString() + ": " + string.Concat(
            (item.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array ? content.EnumerateArray() : [])
                .Select(part => part.GetProperty("text").GetString()));
    }
}
