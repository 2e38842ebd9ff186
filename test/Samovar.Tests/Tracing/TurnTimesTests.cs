using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Tracing;
using Samovar.Turns;

namespace Samovar.Tests.Tracing;

/// <summary>Turns through the pipeline while a test moves the time.</summary>
public sealed class TurnTimesTests : IDisposable
{
    private readonly CoreHouse _house = new();

    [Fact]
    public async Task Turn_NotesItsStages_InTheirOrderAndTime()
    {
        _house.Backend.OnPhase = (turn, phase, _) =>
        {
            if (phase == ScriptPhase.Begun) Assert.Same(turn.Times, _house.Pipeline.Live.FindTrace(TenantId.Local, turn.Id));
            if (phase == ScriptPhase.Begun) Pass(100);
            if (phase == ScriptPhase.Finishing) Pass(50);
            return default;
        };
        Pass(1000); // so that nothing begins at nought
        var from = _house.Time.GetTimestamp();
        Pass(7);
        var received = _house.Time.GetTimestamp();
        Pass(3);
        var read = _house.Time.GetTimestamp();
        Pass(20); // in its lane
        var trace = await RunAsync(Ask.Stored("[[final=hello]]") with { Bytes = 40 }, new RequestIntake(from, received, read));
        Assert.Equal(
            [
                (TraceStage.Receive, 0, 7, 40, null), (TraceStage.Read, 7, 10, 40, null), (TraceStage.Queue, 10, 30, 0, null),
                (TraceStage.Match, 30, 30, 1, "none:no_history"), (TraceStage.Store, 180, 180, StoredBytes(trace), "durable"),
            ],
            trace.Spans().Select(span => (span.Stage, Since(span.From, from), Since(span.To, from), (int)span.Amount, span.Detail)));
        Assert.Equal((130, 180), (Since(trace.FirstOutputAt!.Value, from), Since(trace.EndedAt!.Value, from)));
        Assert.Equal(("completed", (string?)null), (trace.Outcome!.Outcome, trace.Outcome.Error));
        Assert.Equal(from, trace.ArrivedAt);
        Assert.Equal(TimeSpan.FromMilliseconds(1000), trace.ArrivedOn - new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.True(trace.Spans().Sum(span => span.Busy) <= trace.EndedAt - trace.ArrivedAt);
    }

    [Fact]
    public async Task SlowStore_IsSeen_WhereItIsWaitedFor()
    {
        using var house = new CoreHouse(store: inner => new SlowStore(inner));
        var store = (SlowStore)house.Store;
        store.Adds = () => Pass(house, 40);
        var first = await RunAsync(house, Ask.Stored("one"));
        Assert.Equal((40, "durable"), Took(first, TraceStage.Store));
        store.Finds = () => Pass(house, 15);
        store.Claims = () => Pass(house, 8);
        var second = await RunAsync(house, Ask.Stored("two").After(first.Response.Value));
        Assert.Equal((15, "store"), Took(second, TraceStage.Match));
        Assert.Equal([(8, "claim"), (40, "durable")], second.Spans().Where(span => span.Stage == TraceStage.Store)
            .Select(span => (Milliseconds(span), span.Detail!)));
    }

    [Fact]
    public async Task ParentThatIsAtHand_IsOfMemory_AndAResentHistoryOfContent()
    {
        var first = await RunAsync(Ask.Stored("[[final=one]]"));
        var second = await RunAsync(Ask.Stored("two").After(first.Response.Value));
        Assert.Equal("memory", Took(second, TraceStage.Match).Detail);
        var talk = new StatelessTalk(Rewriting.Bare);
        talk.Learn(await _house.RunAsync(talk.Ask("[[final=hello]]"), Soon.Token));
        Assert.Equal("content", Took(await RunAsync(talk.Ask("more")), TraceStage.Match).Detail);
    }

    [Fact]
    public async Task TurnBehindAnother_WaitsInItsQueue()
    {
        var gate = new PhaseGate();
        _house.Backend.OnPhase = async (_, phase, ends) =>
        {
            if (phase == ScriptPhase.Accepted && _house.Backend.Turns == 1) await gate.PassAsync(ends);
        };
        await using var session = _house.Sessions.Open(TenantId.Local);
        var first = session.Submit(new ClientFrame.Create(Ask.Text("[[final=one]]")))!;
        var second = session.Take(new ClientFrame.Create(Ask.Text("[[final=two]]")), claim: null, (0, 0))!;
        second.Begin();
        await Soon.In(gate.Reached);
        Pass(500);
        gate.Open();
        await SeenEvents.ReadAsync(await first.Began, Soon.Token);
        using var reader = second.Open(await Soon.In(second.Began));
        Assert.Equal([(TraceStage.Receive, 0), (TraceStage.Read, 0), (TraceStage.Queue, 500)],
            reader.Times!.Spans().Take(3).Select(span => (span.Stage, Milliseconds(span))));
    }

    [Fact]
    public async Task RefusedTurn_HasATrace_ThatSaysWhere()
    {
        var turn = _house.Begin(Ask.Text("more").After("resp_unknown"));
        await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began));
        await turn.Ended;
        var trace = turn.Times!;
        Assert.Same(trace, _house.Traces.Find(TenantId.Local, trace.Response));
        Assert.Equal(("refused", "previous_response_not_found"), (trace.Outcome!.Outcome, trace.Outcome.Error));
        Assert.Equal([TraceStage.Queue, TraceStage.Match], trace.Spans().Select(span => span.Stage));
        Assert.NotNull(trace.EndedAt);
        Assert.Null(_house.Pipeline.Live.FindTrace(null, trace.Response));
    }

    [Fact]
    public async Task FailedTurn_EndsItsTrace()
    {
        _house.Backend.OnPhase = (_, phase, _) =>
            phase == ScriptPhase.Speaking ? throw new ApiException(Errors.Internal) : default;
        var trace = await RunAsync(Ask.Stored("[[final=hello]]"));
        Assert.Equal("failed", trace.Outcome!.Outcome);
        Assert.NotNull(trace.EndedAt);
        Assert.Equal(1, _house.Traces.Count);
    }

    [Fact]
    public async Task TurnedOff_NothingIsNotedAtAll()
    {
        using var house = new CoreHouse();
        house.Tracing.KeptMax = 0;
        house.Backend.OnPhase = (turn, _, _) =>
        {
            Assert.Null(turn.Times);
            Assert.Null(house.Pipeline.Live.FindTrace(null, turn.Id));
            return default;
        };
        var turn = house.Begin(Ask.Stored("[[final=hello]]"));
        using var reader = (await turn.Began).Open();
        Assert.Null(reader.Times);
        await turn.Ended;
        Assert.Null(turn.Times);
        Assert.Equal(0, house.Traces.Count);
    }

    public void Dispose() => _house.Dispose();

    private void Pass(int milliseconds) => Pass(_house, milliseconds);

    private static void Pass(CoreHouse house, int milliseconds) => house.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private int Since(long at, long from) => (int)_house.Time.GetElapsedTime(from, at).TotalMilliseconds;

    private static int StoredBytes(TurnTrace trace) => (int)trace.Spans().Single(span => span.Stage == TraceStage.Store).Amount;

    private static (int Milliseconds, string? Detail) Took(TurnTrace trace, TraceStage stage) =>
        trace.Spans().Where(span => span.Stage == stage).Select(span => (Milliseconds(span), span.Detail)).Last();

    private static int Milliseconds(TraceSpan span) => (int)TimeSpan.FromTicks(span.Busy).TotalMilliseconds; // of a ManualTime

    private Task<TurnTrace> RunAsync(CreateRequest request, RequestIntake? intake = null) => RunAsync(_house, request, intake);

    private static async Task<TurnTrace> RunAsync(CoreHouse house, CreateRequest request, RequestIntake? intake = null)
    {
        var turn = house.Pipeline.Begin(new TurnRequest
        {
            Tenant = TenantId.Local, Request = request, Parents = new StoredParents(TenantId.Local, house.Store), Intake = intake,
            ArrivedAt = intake?.FirstByteAt,
        }, CancellationToken.None);
        await SeenEvents.ReadAsync(await turn.Began, Soon.Token);
        await turn.Ended;
        return turn.Times!;
    }

    /// <summary>A store that takes its time.</summary>
    private sealed class SlowStore(IChainStore inner) : IChainStore
    {
        public Action Adds { get; set; } = static () => { };
        public Action Finds { get; set; } = static () => { };
        public Action? Claims { get; set; }
        public bool IsDurable => inner.IsDurable;

        public async ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping)
        {
            await Task.Yield();
            Adds();
            await inner.AddAsync(node, claim, nodeStopping);
        }

        public async ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller)
        {
            await Task.Yield();
            Finds();
            return await inner.FindAsync(tenant, id, caller);
        }

        public async ValueTask<ChainClaim> ClaimAsync(
            TenantId tenant, ChainNode? parent, long? placed, CancellationToken turnCancelled)
        {
            if (Claims is not null) await Task.Yield();
            Claims?.Invoke();
            return await inner.ClaimAsync(tenant, parent, placed, turnCancelled);
        }

        public ValueTask<ChainNode?> FindHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
            inner.FindHeadAsync(tenant, id, caller);
        public ValueTask<IChainExcerpt?> FindExcerptAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller) =>
            inner.FindExcerptAsync(tenant, id, isHead, caller);
        public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller) => inner.IsThereAsync(node, caller);
        public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) =>
            inner.FindItemAsync(tenant, itemId, caller);
        public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
            inner.DeleteAsync(tenant, id, caller);
        public ValueTask TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken nodeStopping) =>
            inner.TakeBackAsync(tenant, id, claim, nodeStopping);
    }
}
