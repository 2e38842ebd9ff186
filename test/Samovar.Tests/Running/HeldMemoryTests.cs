using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Budgets;
using Samovar.Protocol.Requests;
using Samovar.Running;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

/// <summary>What turns that may outlive their readers hold is counted, as long as they hold it.</summary>
public sealed class HeldMemoryTests : ResumableTurns
{
    private const int FrameBytes = 200_000;
    private static readonly string Long = new('x', FrameBytes);

    private static string Ask(bool isStored = false) =>
        $$"""{"type":"response.create","model":"m","input":"[[final=fine]] {{Long}}","store":{{(isStored ? "true" : "false")}}}""";

    private RunningTurns Turns => Server.Services.GetRequiredService<RunningTurns>();
    private HandedChains Chains => Server.Services.GetRequiredService<HandedChains>();
    private MemoryShares Memory => Server.Services.GetRequiredService<MemoryShares>();

    [Fact]
    public async Task ChainOfATurnThatLostItsSocket_IsCounted_AsLongAsItCanBeResumed()
    {
        var gate = await StartAsync(ScriptPhase.Finishing);
        await using var socket = await ConnectAsync();
        await EndOrphanedAsync(socket, gate);
        Assert.InRange(Chains.Bytes, FrameBytes, 10 * FrameBytes);
        Assert.InRange(Memory.Chains.Bytes, FrameBytes, 10 * FrameBytes);
        Time.Advance(new ReplayOptions().KeptFor);
        Assert.Equal((0, 0), (Chains.Bytes, Turns.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TurnWhoseChainGaveWay_CanBeRead_AndGoesOnOnlyWhereItIsStored(bool isStored)
    {
        var gate = new PhaseGate();
        Backend.OnPhase = (turn, phase, cancelled) =>
            phase == ScriptPhase.Finishing && turn.Context.Parent is null ? gate.PassAsync(cancelled) : default;
        await StartServerAsync(("Replay:TenantChainBytesMax", "65536"));
        await using var first = await ConnectAsync();
        var id = await EndOrphanedAsync(first, gate, isStored);
        Assert.Equal(0, Chains.Bytes);
        await using var second = await ConnectAsync();
        var events = await second.AskAsync(Resume(id, after: -1));
        Assert.Equal(("response.completed", id), (TypeOf(events[^1]), IdOf(events[^1])));
        var next = (await second.AskAsync("""{"input":"go on"}"""))[^1]; // not a new conversation
        if (isStored) Assert.Equal(id, next.GetProperty("response").GetProperty("previous_response_id").GetString());
        else Assert.Equal("previous_response_not_found", CodeOf(next));
    }

    [Fact]
    public async Task FrameOfATurn_IsCounted_UntilTheTurnIsOver_WhereverItsSocketIs()
    {
        var gate = await StartAsync(ScriptPhase.Finishing);
        await using var socket = await ConnectAsync();
        var before = Memory.Frames.Share.Bytes;
        await socket.SendAsync(Ask());
        await Soon.In(gate.Reached);
        socket.Drop();
        await SoonOrphanedAsync();
        Assert.True(Memory.Frames.Share.Bytes >= before + FrameBytes, $"{Memory.Frames.Share.Bytes} bytes of frames are counted");
        gate.Open();
        await Soon.In(Turns.IdleAsync());
        await Soon.UntilAsync(() => Memory.Frames.Share.Bytes == 0);
    }

    [Fact]
    public async Task FrameOfASteeredTurn_IsCounted_WhileWhatFollowsItByItselfHasItsSettings()
    {
        var (held, following) = (new PhaseGate(), new PhaseGate());
        Backend.OnPhase = (turn, phase, cancelled) => phase switch
        {
            ScriptPhase.Accepted when turn.Context.Parent is null => held.PassAsync(cancelled),
            ScriptPhase.Finishing when turn.Context.Parent is not null => following.PassAsync(cancelled),
            _ => default,
        };
        await StartServerAsync();
        await using var socket = await ConnectAsync();
        await socket.SendAsync(Ask());
        var id = IdOf(await socket.ReceiveAsync());
        await Soon.In(held.Reached);
        await socket.SendAsync(Steer(id, "[[final=STEERED]]"));
        Assert.Equal("response.incomplete", TypeOf((await socket.ReceiveTurnAsync())[^1]));
        await Soon.In(following.Reached);
        held.Open();
        await using (var other = await ConnectAsync()) await other.AskAsync(Create); // longer than it takes to clear a turn away
        await Soon.UntilAsync(() => Turns.Running == 1);
        Assert.True(Memory.Frames.Share.Bytes >= FrameBytes, $"{Memory.Frames.Share.Bytes} bytes of frames are counted");
        following.Open();
        await socket.ReceiveTurnAsync();
        await Soon.In(Turns.IdleAsync());
        await Soon.UntilAsync(() => Memory.Frames.Share.Bytes < FrameBytes);
    }

    [Fact]
    public async Task TurnThatIsOver_HoldsNothingOfItsRequest()
    {
        var seen = new List<WeakReference<CreateRequest>>();
        Backend.OnPhase = (turn, _, _) =>
        {
            seen.Add(new(turn.Request));
            return default;
        };
        await StartServerAsync();
        await AskAndLeaveAsync();
        await Soon.In(Turns.IdleAsync());
        Assert.Equal(1, Turns.Count);
        await Soon.UntilAsync(() =>
        {
            GC.Collect();
            return seen.TrueForAll(request => !request.TryGetTarget(out _));
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task AskAndLeaveAsync()
    {
        await using var socket = await ConnectAsync();
        Assert.Equal("response.completed", TypeOf((await socket.AskAsync(Ask()))[^1]));
    }

    private async Task<string> EndOrphanedAsync(ClientSocket socket, PhaseGate gate, bool isStored = false)
    {
        await socket.SendAsync(Ask(isStored));
        var id = IdOf(await socket.ReceiveAsync());
        await Soon.In(gate.Reached);
        socket.Drop();
        await SoonOrphanedAsync();
        gate.Open();
        await Soon.In(Turns.IdleAsync());
        return id;
    }
}
