using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Samovar.Testing;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>Nodes that are stopped and started again one after the other, as a new version is rolled out, while clients talk.</summary>
/// <remarks><c>CLUSTER_OTHER=…/Samovar.Cli.dll CLUSTER_MINUTES=60 dotnet Samovar.Cluster.Tests.dll -class '*UpgradeTests'</c> begins with
/// nodes of another build, and has both beside each other for as long.</remarks>
public sealed class UpgradeTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{
    private const int Clients = 4, Size = 3;
    private static readonly string? Other = Environment.GetEnvironmentVariable("CLUSTER_OTHER");

    [Fact]
    public async Task NodeAfterNode_IsStartedAgain_AndNoTurnFails()
    {
        await using var nodes = await Nodes.StartAsync(database, 0);
        var front = new Node[Size]; // whom clients find
        for (var at = 0; at < Size; at++) front[at] = await nodes.StartAsync(Nodes.NameOf(at), Other);
        using var end = new CancellationTokenSource();
        var talks = Enumerable.Range(0, Clients).Select(client => TalkAsync(front, client, end.Token)).ToList();
        for (var at = 0; at < Size; at++)
        {
            await Task.WhenAny(Task.WhenAll(talks), Task.Delay(Pause, CancellationToken.None));
            Assert.Equal(0, await front[at].Server.Process.TerminateAsync());
            front[at] = await nodes.StartAsync(Nodes.NameOf(at), program: null);
        }
        await end.CancelAsync();
        var turns = await Task.WhenAll(talks);
        TestContext.Current.TestOutputHelper?.WriteLine($"{turns.Sum()} turns; began with {Other ?? "this build"}.");
        Assert.All(turns, static count => Assert.True(count > Size));
    }

    /// <summary>Conversations of some turns each, every turn at another node: each goes on from all that was said.</summary>
    private static async Task<int> TalkAsync(Node[] front, int client, CancellationToken end)
    {
        const int Long = 20;
        var turns = 0;
        for (Answer? last = null; !end.IsCancellationRequested || turns <= Size; turns++)
        {
            if (turns % Long == 0) last = null;
            var next = await AskAsync(front, client + turns, Ask($"And {turns}?", last?.Id, tokens: 16));
            if (last is not null) Assert.True(next.InputTokens > last.InputTokens, "It went on from less than it had.");
            last = next;
        }
        return turns;
    }

    /// <summary>As a client behind a balancer: where nobody listens, or who stops says so, it asks the next.</summary>
    private static async Task<Answer> AskAsync(Node[] front, int first, Dictionary<string, object?> ask)
    {
        for (var at = first; ; at++)
        {
            try
            {
                var answer = await front[at % Size].Server.TryAsync(ask);
                if (answer.IsWon) return answer;
                Assert.True(answer.Status == HttpStatusCode.ServiceUnavailable && at < first + Tries, answer.Body.GetRawText());
            }
            catch (HttpRequestException away) when (away.InnerException is SocketException && at < first + Tries)
            {
            }
            await Task.Delay(AskedAgainAfter, CancellationToken.None);
        }
    }

    private const int Tries = 100;
    private static readonly TimeSpan AskedAgainAfter = TimeSpan.FromMilliseconds(100);

    private static TimeSpan Pause => TimeSpan.FromMinutes(Asked.Number("CLUSTER_MINUTES", 0)) / Size;
}
