using Samovar.Backends;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Compaction;
using Samovar.Conversations;
using Samovar.Metering;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Sessions;
using Samovar.Tools;
using Samovar.Tracing;
using Samovar.Turns;

namespace Samovar.Testing.Faults;

/// <summary>The whole core with a fake at each of its seams: whatever a turn or a session comes by may break once.</summary>
internal sealed class FaultyCore : IDisposable
{
    private readonly FaultyListeners _listeners;

    public FaultyCore()
    {
        _listeners = new FaultyListeners(Fault);
        Backend = new FaultyBackend(Fault);
        var metrics = new ChainMetrics(_listeners);
        Stored = new MemoryChainStore(new ChainOptions(), Time, metrics, new FaultyLogger<MemoryChainStore>(Fault));
        var store = new FaultyStore(Fault, Stored);
        Histories = new ContentIndex(new ContentIndexOptions(), metrics, Time, new FaultyLogger<ContentIndex>(Fault));
        var turns = new TurnOptions();
        var seals = new CompactionSeals(new MemorySealKeys());
        Pipeline = new TurnPipeline(
            new TurnPlanner(new ModelRouter([Backend], new RoutingOptions()), new HistoryMatcher(Histories), turns, new WindowOpener(seals),
                new ToolLoop(new NoToolServers(), new ToolOptions(),
                    new Compactor(seals, new CompactionOptions(), new FaultyIds(Fault), Time, new FaultyLogger<Compactor>(Fault)),
                    new WindowOpener(seals), new FaultyIds(Fault), new ToolMetrics(_listeners), Time, new FaultyLogger<ToolLoop>(Fault)),
                new ConversationStore(Stored.Conversations, store, new ConversationOptions(), turns.ChainBounds(),
                    new ConversationMetrics(_listeners), new FaultyIds(Fault), Time, new FaultyLogger<ConversationStore>(Fault)),
                new FaultyIds(Fault)),
            new ResponseKeeper(store, Histories, turns, Time, new FaultyLogger<ResponseKeeper>(Fault)), turns,
            new TurnWatch(new FaultyRequestLog(Fault), new TurnMetrics(_listeners, new MetricOptions()),
                new TurnTraces(new TracingOptions(), Time)), new FaultyIds(Fault), Time,
            new FaultyLogger<TurnPipeline>(Fault));
        var options = new SessionOptions();
        var sessions = new SessionMetrics(_listeners);
        Memory = new MemoryShares(new MemoryOptions(), chainBytesMax: 4L << 30, parkedBytesMax: 0);
        Retention = new RetentionBudget(options, sessions, new FaultyLogger<RetentionBudget>(Fault));
        var (replay, replays) = (new ReplayOptions(), new ReplayMetrics(_listeners));
        var running = new RunningTurns(Pipeline, store, new ReplayBudget(Memory, replay, replays),
            new HandedChains(new KeptNodes(Memory.Chains), replay, replays, new FaultyLogger<HandedChains>(Fault)), replay,
            new SeededIds(), Time, new FaultyLogger<RunningTurns>(Fault));
        Sessions = new SessionTable(new SessionParts(Pipeline, store, options, sessions, Retention, Memory, running, Time,
            new FaultyLogger<Session>(Fault)));
        _listeners.Start();
    }

    public Fault Fault { get; } = new();
    public ManualTime Time { get; } = new();
    public FaultyBackend Backend { get; }
    public MemoryChainStore Stored { get; }
    public ContentIndex Histories { get; }
    public TurnPipeline Pipeline { get; }
    public MemoryShares Memory { get; }
    public RetentionBudget Retention { get; }
    public SessionTable Sessions { get; }

    public Session Open() => Sessions.Open(TenantId.Local, isWelcome: () =>
    {
        Fault.At("welcome");
        return true;
    });

    public void Dispose()
    {
        Histories.Dispose();
        _listeners.Dispose();
    }
}
