using System.Text;
using System.Text.Json;
using Samovar.Chains;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Turns;

/// <summary>What a chain holds in memory grows with what is new, and the books say at least what is held.</summary>
public sealed class ChainMemoryTests : IAsyncLifetime
{
    private const int Turns = 50;
    private const int CollectionsMax = 50;
    private const int ToolsBytes = 20_000;

    private readonly CoreHouse _house = new();
    private readonly Session _session;

    public ChainMemoryTests() => _session = _house.Sessions.Open(TenantId.Local);

    [Theory]
    [InlineData("response.create")]
    [InlineData(null)] // bare frames take their tools over
    public async Task ToolsThatEveryFrameRepeats_AreHeldOnce(string? type)
    {
        var (newest, frames) = await AgentAsync(type);
        Assert.Equal(Turns + 1, newest.Depth);
        var held = HeldMemory.Of(newest);
        var own = held / (Turns + 1);
        Assert.InRange(own, 500, 6000); // each frame brought 22,000
        Assert.InRange(newest.ChainBytes, held, 4 * held);
        Assert.Equal(newest.ChainBytes, _house.Retention.Bytes);
        for (var node = newest; node is not null; node = node.Parent) Assert.Same(newest.Response.Request, node.Response.Request);
        GC.Collect();
        var alive = frames.Count(frame => frame.TryGetTarget(out _));
        Assert.InRange(alive, 0, 2); // the first is mostly in use and stays as it came; the last one's turn may not be cleared away
        GC.KeepAlive(newest);
    }

    [Fact]
    public async Task FrameOfManyKinds_IsHeldAsTheBooksSay()
    {
        var seen = await SendAsync(Frame(null, null, [
            new { type = "message", role = "user", content = "[[final=" + new string('y', 3000) + "]]" },
            new { type = "additional_tools", tools = Tools(5) },
            new { type = "unheard_of", text = new string('z', 2000) },
            new { type = "reasoning", id = "rs_1", summary = new[] { new { type = "summary_text", text = new string('s', 500) } } },
        ], metadata: true));
        var node = Assert.IsType<ChainNode>(Newest(seen));
        Assert.InRange(node.ChainBytes, HeldMemory.Of(node), 4 * HeldMemory.Of(node));
        seen = await SendAsync(Frame("response.create", seen.Id, [
            new { type = "additional_tools", tools = Tools(2) },
            new { type = "message", role = "user", content = "[[final=fine]]" },
        ], metadata: true));
        var next = Assert.IsType<ChainNode>(Newest(seen));
        var more = HeldMemory.Of(next) - HeldMemory.Of(node);
        Assert.InRange(next.Bytes, more, 4 * more);
        Assert.Same(node.Response.Tools, next.Response.Tools);
    }

    [Fact]
    public async Task FrameOfATurnThatIsOver_IsNotHeld_ByThoseWhoStillReadItsEvents()
    {
        var (reply, frame) = await LongFrameAsync();
        for (var i = 0; i < CollectionsMax && frame.TryGetTarget(out _); i++) // a thread that just ended a turn may still hold it
        {
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(frame.TryGetTarget(out _));
        GC.KeepAlive(reply);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        _house.Dispose();
    }

    /// <summary>A frame that says little to keep, and the reply to it when its lane has gone on.</summary>
    private async Task<(LaneReply Reply, WeakReference<byte[]> Frame)> LongFrameAsync()
    {
        var frame = Encoding.UTF8.GetBytes(
            "{\"model\":\"m\",\"store\":false,\"input\":\"[[final=fine]]\",\"padding\":\"" + new string('p', 200_000) + "\"}");
        var reply = _session.Submit(ClientFrameReader.Read(frame, ProtocolLimits.Default))!;
        await SendAsync(Frame(null, null, [new { type = "message", role = "user", content = "[[final=next]]" }]));
        Assert.True((await reply.Began).IsEnded);
        return (reply, new(frame));
    }

    private async Task<(ChainNode Newest, List<WeakReference<byte[]>> Frames)> AgentAsync(string? type)
    {
        var frames = new List<WeakReference<byte[]>>();
        var frame = Frame(type, null, [new { type = "message", role = "user", content = $"[[steps={Turns}]][[final=done]]" }]);
        for (var turn = 0; ; turn++)
        {
            frames.Add(new(frame));
            var seen = await SendAsync(frame);
            if (turn == Turns) return (Newest(seen)!, frames);
            frame = Frame(type, type is null ? null : seen.Id,
                [new { type = "function_call_output", call_id = seen.CallId, output = $"step {turn} " + new string('o', 300) }]);
        }
    }

    private ChainNode? Newest(SeenEvents seen) =>
        _house.Backend.States.ContainsKey(new ResponseId(seen.Id)) ? _session.Newest(default) : null;

    private async Task<SeenEvents> SendAsync(byte[] frame)
    {
        var turn = _session.Submit(ClientFrameReader.Read(frame, ProtocolLimits.Default))!;
        return await SeenEvents.ReadAsync(await turn.Began.WaitAsync(Soon.Token), Soon.Token);
    }

    private static byte[] Frame(string? type, string? previous, object[] input, bool metadata = false)
    {
        var fields = new Dictionary<string, object?> { ["model"] = "m", ["store"] = false, ["input"] = input };
        if (type is not null) fields["type"] = type;
        if (previous is not null) fields["previous_response_id"] = previous;
        if (type is not null || previous is null) fields["tools"] = Tools(20);
        fields["instructions"] = new string('i', 1500);
        if (metadata) fields["metadata"] = new { one = "two" };
        return Encoding.UTF8.GetBytes(JsonSerializer.Serialize(fields));
    }

    private static object[] Tools(int count) => [.. Enumerable.Range(0, count).Select(i => new
    {
        type = "function",
        name = i == 0 ? "exec_command" : $"tool_{i}",
        description = new string('d', ToolsBytes / count / 2),
        parameters = new { type = "object", properties = new { text = new { type = "string", description = new string('p', 400) } } },
    })];
}
