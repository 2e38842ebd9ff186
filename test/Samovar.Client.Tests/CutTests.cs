using System.Globalization;
using Samovar.Client.Events;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Protocol.Json;
using Samovar.Testing;
using Samovar.Testing.Servers;

namespace Samovar.Client.Tests;

/// <summary>
/// Turns over a network that cuts at random places: each is answered once and wholly, the server begins none twice, and nothing of it
/// reaches the caller. 200 turns; <c>CLIENT_CUTS=10000</c> for the long proof, <c>CLIENT_SEED</c> for another network.
/// </summary>
public sealed class CutTests
{
    private const int LanesMax = 4, CutBytesMax = 3000;

    private static readonly int Turns = Asked.Number("CLIENT_CUTS", 200), Seed = Asked.Number("CLIENT_SEED", 4711);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turns_OverANetworkThatCuts_AreAnsweredOnce()
    {
        await using var lab = await Lab.StartAsync();
        await using var network = new RandomCuts(lab.Server.Address, Seed, CutBytesMax);
        var options = Lab.Quick(TransportChoice.WebSocket);
        await using var connection = new ResponsesConnection(new Uri(network.Address, "/v1"), options);
        var made = await Task.WhenAll(Enumerable.Range(0, LanesMax).Select(lane => TalkAsync(connection, lane, Turns / LanesMax)));
        Assert.Equal((made.Sum(), 0), (lab.Backend.Turns, lab.Backend.Stopped));
        Assert.True(network.Cuts > Turns / 10, $"Only {network.Cuts} cuts.");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{made.Sum()} turns, {network.Cuts} cuts, {connection.SocketsOpened} sockets, {lab.Backend.Turns} begun by the server.");
    }

    /// <summary>Talks, now and then through a tool, stored or not, going on or forking off something earlier.</summary>
    /// <returns>The turns that were asked for.</returns>
    private static async Task<int> TalkAsync(ResponsesConnection connection, int lane, int turns)
    {
        var random = new Random(Seed + lane);
        var conversation = connection.Start();
        var earlier = new List<ResponseResult>();
        for (var turn = 0; turn < turns; turn++)
        {
            if (random.Next(20) == 0) conversation = connection.Start();
            else if (random.Next(10) == 0 && earlier.Count > 0) conversation = connection.Continue(earlier[random.Next(earlier.Count)]);
            var final = string.Create(CultureInfo.InvariantCulture, $"lane {lane} turn {turn} {new string('x', random.Next(80))}");
            var calls = random.Next(4) == 0 ? 1 : 0;
            var request = Lab.Say($"[[steps={calls}]] [[final={final}]]", store: random.Next(2) == 0) with { Tools = Lab.Tools };
            var events = await Lab.ListAsync(conversation.StreamAsync(request, Cancelled));
            for (; calls > 0; calls--, turn++)
            {
                var call = Assert.Single(conversation.Newest!.FunctionCalls);
                AssertWhole(events, null);
                request = request with { Input = [InputItems.FunctionOutput(call.CallId, "a table")] };
                events = await Lab.ListAsync(conversation.StreamAsync(request, Cancelled));
            }
            AssertWhole(events, final);
            earlier.Add(conversation.Newest!);
            if (earlier.Count > 8) earlier.RemoveAt(0);
            if (turn + 1 >= turns) return turn + 1;
        }
        return turns;
    }

    private static void AssertWhole(List<TurnEvent> events, string? text)
    {
        Assert.Equal(Enumerable.Range(0, events.Count).Select(number => (long?)number), events.Select(e => e.SequenceNumber));
        Assert.IsType<TurnEvent.Completed>(events[^1]);
        if (text is not null) Assert.Equal(text, Lab.TextOf(events));
    }
}
