using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Accounting;
using Samovar.Backends;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Compaction;
using Samovar.Conversations;
using Samovar.Metering;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Running;
using Samovar.Sessions;
using Samovar.Testing.Scripts;
using Samovar.Tools;
using Samovar.Tracing;
using Samovar.Turns;

namespace Samovar.Testing.Core;

/// <summary>The whole core, as a test wants it: a scripted backend, time that stands still, names that repeat.</summary>
internal sealed class CoreHouse : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly SessionMetrics _sessionMetrics;

    public CoreHouse(
        Action<TurnOptions>? turns = null, Action<SessionOptions>? sessions = null, Action<ChainOptions>? chains = null,
        Func<CoreHouse, IBackend[]>? backends = null, RoutingOptions? routing = null, Func<IChainStore, IChainStore>? store = null,
        IRequestLog? requests = null, ContentIndexOptions? histories = null)
    {
        turns?.Invoke(Turns);
        sessions?.Invoke(SessionOptions);
        chains?.Invoke(Chains);
        Traces = new TurnTraces(Tracing, Time);
        Backend = new ScriptedBackend(Ids);
        var chainMetrics = new ChainMetrics(_meters);
        var kept = new KeptNodes(Memory.Chains);
        Stored = new MemoryChainStore(Chains, Time, chainMetrics, NullLogger<MemoryChainStore>.Instance, kept);
        Store = store?.Invoke(Stored) ?? Stored;
        Router = new ModelRouter(backends?.Invoke(this) ?? [Backend], routing ?? new RoutingOptions());
        Histories = new ContentIndex(
            histories ?? new ContentIndexOptions(), chainMetrics, Time, NullLogger<ContentIndex>.Instance, kept);
        Conversations = new ConversationStore(
            Stored.Conversations, Store, ConversationOptions, Turns.ChainBounds(), new ConversationMetrics(_meters), Ids, Time,
            NullLogger<ConversationStore>.Instance);
        Pipeline = new TurnPipeline(
            new TurnPlanner(
                Router, new HistoryMatcher(Histories), Turns, new WindowOpener(Seals), ToolLoop(), Conversations, Ids),
            new ResponseKeeper(Store, Histories, Turns, Time, NullLogger<ResponseKeeper>.Instance), Turns,
            new TurnWatch(requests ?? Requests, new TurnMetrics(_meters, new MetricOptions()), Traces), Ids, Time, Logger);
        _sessionMetrics = new SessionMetrics(_meters);
        Retention = new RetentionBudget(SessionOptions, _sessionMetrics, NullLogger<RetentionBudget>.Instance, kept);
    }

    private ToolLoop ToolLoop() => new(
        new NoToolServers(), Tools, new Compactor(Seals, Compaction, Ids, Time, NullLogger<Compactor>.Instance),
        new WindowOpener(Seals), Ids, new ToolMetrics(_meters), Time, NullLogger<ToolLoop>.Instance);

    public ToolOptions Tools { get; } = new();
    public ManualTime Time { get; } = new();
    public SeededIds Ids { get; } = new();
    public TurnTraces Traces { get; }

    /// <summary>Counts from the next turn on.</summary>
    public TracingOptions Tracing { get; } = new();
    public TurnOptions Turns { get; } = new();
    public SessionOptions SessionOptions { get; } = new();
    public ChainOptions Chains { get; } = new();
    public CompactionSeals Seals { get; } = new(new MemorySealKeys());
    public CompactionOptions Compaction { get; } = new();
    public ILogger<TurnPipeline> Logger { get; init; } = NullLogger<TurnPipeline>.Instance;
    public RecordingRequestLog Requests { get; } = new();
    public ScriptedBackend Backend { get; }
    public ModelRouter Router { get; }
    public MemoryChainStore Stored { get; }
    public IChainStore Store { get; }
    public ConversationOptions ConversationOptions { get; } = new();
    public ConversationStore Conversations { get; }
    public ContentIndex Histories { get; }
    public TurnPipeline Pipeline { get; }
    public RetentionBudget Retention { get; }
    public MemoryShares Memory { get; init; } = new(new MemoryOptions(), chainBytesMax: 4L << 30, parkedBytesMax: 0);

    // not before the first is opened: a test may bring memory of its own
    public SessionTable Sessions => field ??= new SessionTable(new SessionParts(
        Pipeline, Store, SessionOptions, _sessionMetrics, Retention, Memory, Running, Time, NullLogger<Session>.Instance));

    public ReplayOptions Replays { get; } = new();
    public HandedChains Handed => field ??= new HandedChains(
        new KeptNodes(Memory.Chains), Replays, ReplayMetrics, NullLogger<HandedChains>.Instance);
    public RunningTurns Running => field ??= new RunningTurns(Pipeline, Store, new ReplayBudget(Memory, Replays, ReplayMetrics), Handed,
        Replays, Ids, Time, NullLogger<RunningTurns>.Instance);
    private ReplayMetrics ReplayMetrics => field ??= new ReplayMetrics(_meters);

    /// <summary>A turn as it comes over HTTP.</summary>
    public TurnHandle Begin(CreateRequest request, TenantId? tenant = null, CancellationToken turnCancelled = default)
    {
        var whose = tenant ?? TenantId.Local;
        return Pipeline.Begin(new TurnRequest { Tenant = whose, Request = request, Parents = new StoredParents(whose, Store) },
            turnCancelled);
    }

    /// <summary>Runs a turn to its end and gives all it said.</summary>
    public async Task<SeenEvents> RunAsync(CreateRequest request, CancellationToken testEnds)
    {
        var turn = Begin(request, turnCancelled: CancellationToken.None);
        var seen = await SeenEvents.ReadAsync(await turn.Began, testEnds);
        await turn.Ended;
        return seen;
    }

    /// <summary>Sends one create and waits for all it says.</summary>
    public static async Task<SeenEvents> SendAsync(Session session, CreateRequest request, CancellationToken testEnds) =>
        await SeenEvents.ReadAsync(await session.Submit(new ClientFrame.Create(request))!.Began.WaitAsync(testEnds), testEnds);

    /// <summary>As above, with a frame that has no type.</summary>
    public static async Task<SeenEvents> SendBareAsync(Session session, CreateRequest request, CancellationToken testEnds) =>
        await SeenEvents.ReadAsync(await session.Submit(new ClientFrame.Bare(request))!.Began.WaitAsync(testEnds), testEnds);

    public void Dispose()
    {
        Histories.Dispose();
        _meters.Dispose();
    }
}
