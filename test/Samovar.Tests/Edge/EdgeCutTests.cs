using System.Globalization;
using System.Net;
using Samovar.Backends;
using Samovar.Client.Settings;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Edge;

/// <summary>A link that is cut: agents hear that they have to wait, no turn is lost, none is run twice.</summary>
public sealed class EdgeCutTests
{
    private static readonly int Turns = Asked.Number("EDGE_CUTS", 60), Seed = Asked.Number("EDGE_SEED", 4711);

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses")]
    public async Task Turns_OverANetworkThatCuts_AreAnsweredOnce(string protocol)
    {
        RandomCuts? network = null;
        await using var lab = await EdgeLab.StartAsync(
            server => (network = new RandomCuts(server, Seed, bytesMax: 2000, wholeBytes: 4000)).Address);
        var agents = await Task.WhenAll(Enumerable.Range(0, 4).Select(async number =>
        {
            var (agent, turns) = (lab.Client(protocol), 0);
            for (var task = 0; turns < Turns / 4; task++)
            {
                var final = string.Create(CultureInfo.InvariantCulture, $"agent {number} task {task} {new string('x', 30)}");
                var (last, made) = await agent.WorkAsync($"[[steps={task % 4}]] [[final={final}]]", "a table and a chair");
                Assert.Equal((final, null), (last.Text, last.Error));
                turns += made;
            }
            return turns;
        }));
        Assert.Equal((agents.Sum(), 0), (lab.Backend.Turns, lab.Backend.Stopped));
        Assert.True(network!.Cuts > 3, $"Only {network.Cuts} cuts.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{agents.Sum()} turns, {network.Cuts} cuts.");
        await network.DisposeAsync();
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses")]
    public async Task LinkThatIsAwayInTheMiddleOfAnAnswer_IsWaitedFor(string protocol)
    {
        await using var lab = await EdgeLab.StartAsync();
        var speaking = new PhaseOnce(ScriptPhase.Speaking);
        lab.Backend.OnPhase = speaking.WaitAsync;
        var client = lab.Client(protocol);
        var waits = new TaskCompletionSource();
        var asked = client.SayAsync("[[final=a sentence that is cut in its middle]]");
        await Soon.In(speaking.Reached.Task);
        lab.Network.IsAway = true;
        client.OnSilence = () => waits.TrySetResult();
        speaking.Release();
        await Soon.In(waits.Task); // the agent hears that it has to wait
        lab.Network.IsAway = false;
        var heard = await Soon.In(asked);
        Assert.Equal(("a sentence that is cut in its middle", null), (heard.Text, heard.Error));
        Assert.Equal((1, 0), (lab.Backend.Turns, lab.Backend.Stopped));
    }

    /// <summary>What stands before the server answers in its place, as while that is replaced.</summary>
    [Theory]
    [InlineData("chat", 502)]
    [InlineData("messages", 404)]
    [InlineData("responses", 503)]
    public async Task LinkThatIsRefusedInTheMiddleOfAnAnswer_IsWaitedFor(string protocol, int status)
    {
        await using var lab = await EdgeLab.StartAsync();
        var speaking = new PhaseOnce(ScriptPhase.Speaking);
        lab.Backend.OnPhase = speaking.WaitAsync;
        var asked = lab.Client(protocol).SayAsync("[[final=a sentence that is cut in its middle]]");
        await Soon.In(speaking.Reached.Task);
        lab.Network.RefusesWith = status;
        lab.Network.Cut();
        speaking.Release();
        await Soon.UntilAsync(() => lab.Network.Refused > new ResponsesOptions().RefusalsMax + 1 || asked.IsCompleted);
        lab.Network.RefusesWith = null;
        var heard = await Soon.In(asked);
        Assert.Equal(("a sentence that is cut in its middle", null), (heard.Text, heard.Error));
        Assert.Equal((1, 0), (lab.Backend.Turns, lab.Backend.Stopped));
    }

    /// <summary>A proxy or a hotel's login page, before anything was said.</summary>
    [Theory]
    [InlineData("chat", 302)]
    [InlineData("messages", 302)]
    [InlineData("responses", 302)]
    [InlineData("chat", 200)]
    [InlineData("chat", 404)]
    [InlineData("messages", 404)]
    [InlineData("responses", 405)]
    [InlineData("messages", 511)]
    public async Task LinkThatIsAnsweredWithAPageFromTheBeginning_IsWaitedFor(string protocol, int status)
    {
        await using var lab = await EdgeLab.StartAsync();
        lab.Network.RefusesWith = status;
        var asked = lab.Client(protocol).SayAsync("[[final=here at last]]");
        await Soon.UntilAsync(() => lab.Network.Refused > 12 || asked.IsCompleted);
        Assert.False(asked.IsCompleted);
        if (status is 404 or 405) Assert.Contains($"HTTP {status}", lab.Way.Fault, StringComparison.Ordinal);
        lab.Network.RefusesWith = null;
        var heard = await Soon.In(asked);
        Assert.Null(lab.Way.Fault);
        Assert.Equal(("here at last", null, HttpStatusCode.OK), (heard.Text, heard.Error, heard.Status));
        Assert.Equal((1, 0), (lab.Backend.Turns, lab.Backend.Stopped));
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses")]
    public async Task LinkThatIsAwayFromTheBeginning_IsWaitedFor(string protocol)
    {
        await using var lab = await EdgeLab.StartAsync();
        lab.Network.IsAway = true;
        var client = lab.Client(protocol);
        var waits = new TaskCompletionSource();
        client.OnSilence = () => waits.TrySetResult();
        var asked = client.SayAsync("[[final=here at last]]");
        await Soon.In(waits.Task);
        Assert.Equal(0, lab.Backend.Turns);
        await Soon.UntilAsync(() => lab.Way.Fault is not null);
        lab.Network.IsAway = false;
        var heard = await Soon.In(asked);
        Assert.Null(lab.Way.Fault);
        Assert.Equal(("here at last", null, 1), (heard.Text, heard.Error, lab.Backend.Turns));
    }

    [Theory]
    [InlineData("chat", "server_error")]
    [InlineData("messages", "api_error")]
    [InlineData("responses", "server_error")]
    public async Task LinkThatIsAwayForLonger_IsAnError_AndTheNextTurnGoesWell(string protocol, string code)
    {
        await using var lab = await EdgeLab.StartAsync(bridge: TimeSpan.FromSeconds(0.3));
        lab.Network.IsAway = true;
        var client = lab.Client(protocol);
        var heard = await Soon.In(client.SayAsync("[[final=never]]"));
        Assert.Contains(code, heard.Error, StringComparison.Ordinal);
        Assert.Contains("No connection came about", heard.Error, StringComparison.Ordinal);
        Assert.Equal(0, lab.Backend.Turns);
        lab.Network.IsAway = false;
        Assert.Equal("again", (await client.SayAsync("[[final=again]]")).Text);
    }

    [Fact]
    public async Task UpstreamThatLostTheChain_GetsAllOfIt_AndTheAgentHearsNothing()
    {
        await using var lab = await EdgeLab.StartAsync();
        var client = lab.Client("messages");
        Assert.Equal("one", (await client.SayAsync("[[final=one]]")).Text);
        var second = await lab.ReplaceUpstreamAsync();
        Assert.Equal("two", (await client.SayAsync("[[final=two]]")).Text);
        Assert.Equal("three", (await client.SayAsync("[[final=three]]")).Text);
        Assert.Equal(2, second.Turns);
    }

    [Fact]
    public async Task UpstreamThatIsReplacedBeforeItSpoke_IsAskedAgain()
    {
        await using var lab = await EdgeLab.StartAsync();
        var accepted = new PhaseOnce(ScriptPhase.Accepted);
        lab.Backend.OnPhase = accepted.WaitAsync;
        var client = lab.Client("chat");
        var asked = client.SayAsync("[[final=from the second]]");
        await Soon.In(accepted.Reached.Task);
        var second = await lab.ReplaceUpstreamAsync();
        var heard = await Soon.In(asked);
        Assert.Equal(("from the second", null, 1), (heard.Text, heard.Error, second.Turns));
        accepted.Release();
    }

    [Fact]
    public async Task UpstreamThatIsReplacedInTheMiddleOfAnAnswer_IsAClearError()
    {
        await using var lab = await EdgeLab.StartAsync();
        var spoke = new TaskCompletionSource();
        var speaking = new PhaseOnce(ScriptPhase.Finishing);
        lab.Backend.OnPhase = speaking.WaitAsync;
        var client = lab.Client("chat");
        client.OnText = () => spoke.TrySetResult();
        var asked = client.SayAsync("[[final=half of it]]");
        await Soon.In(spoke.Task);
        var second = await lab.ReplaceUpstreamAsync();
        var heard = await Soon.In(asked);
        Assert.Contains("does not have the response", heard.Error, StringComparison.Ordinal);
        Assert.Equal(0, second.Turns); // what was seen is not said a second time
        speaking.Release();
    }

    /// <summary>Holds a turn where it comes to a phase for the first time.</summary>
    private sealed class PhaseOnce(ScriptPhase wanted)
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _released.TrySetResult();

        public async ValueTask WaitAsync(BackendTurn turn, ScriptPhase phase, CancellationToken ends)
        {
            if (phase != wanted || !Reached.TrySetResult()) return;
            await _released.Task.WaitAsync(ends);
        }
    }
}
