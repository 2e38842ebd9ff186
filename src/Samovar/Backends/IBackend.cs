using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Scheduling.Fairness;
using Samovar.Tracing;

namespace Samovar.Backends;

/// <summary>Whatever makes the words: the embedded engine, or an upstream.</summary>
public interface IBackend
{
    /// <summary>Models this backend serves by their names.</summary>
    IReadOnlyList<BackendModel> Models { get; }

    /// <summary>The same for lists: where any name is passed on, with those that are known to be understood there.</summary>
    IReadOnlyList<BackendModel> ListedModels => Models;

    /// <summary>Whether names beyond <see cref="Models"/> are passed on as they are.</summary>
    bool ServesAnyModel => false;

    /// <summary>
    /// Whether a client that resends its history without the model's reasoning may go on from the chain that has it. Not where the same
    /// request would be answered differently then.
    /// </summary>
    bool ContinuesUnsentReasoning => false;

    /// <summary>
    /// Runs one turn. The first event is <see cref="BackendEvent.Accepted"/>, the last <see cref="BackendEvent.Finished"/>.
    /// Throws <c>ApiException</c>: before Accepted the request is refused, after it the response fails. Cancelling stops generation within
    /// one batch.
    /// </summary>
    IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, CancellationToken turnCancelled);

    /// <summary>Whether <see cref="LimitsOf"/> may know of any.</summary>
    bool HasLimits => false;

    /// <summary>What may be asked of a model within a minute; null where nothing limits it.</summary>
    /// <param name="flow">Whose use counts against it; null: everybody's.</param>
    /// <param name="tenant">Who asks.</param>
    RateLimits? LimitsOf(string model, FlowId? flow, TenantId tenant) => null;

    /// <summary>What this backend keeps with a response, as bytes that are stored with it; null where it is not its own.</summary>
    PackedState? PackState(ChainNode node) => null;

    /// <summary>
    /// What this backend kept with a response that was stored, from the bytes that it made of it; null where it is not its own, or no
    /// longer of use here.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are broken.</exception>
    BackendState? ReadState(PackedState packed, StoredTurn turn) => null;

    /// <summary>The files that the engines behind it keep state in.</summary>
    IReadOnlyList<IStateFiles> StateFiles => [];

    /// <summary>Refuses a turn whose history is in a compaction that nobody behind this can open.</summary>
    /// <exception cref="ApiException">Nobody can.</exception>
    void RequireOpen(BackendTurn turn) { }

    /// <summary>Whether whoever would run the turn runs the tools itself that run at a server: <c>mcp</c>, <c>web_search</c>.</summary>
    bool RunsHostedTools(BackendTurn turn) => false;

    /// <summary>Whether whoever would run the turn compacts conversations itself, and is known to (<c>compaction_trigger</c>).</summary>
    bool CompactsItself(BackendTurn turn) => false;

    /// <summary>It was taken for one that does, and did not.</summary>
    void NoteNotCompacting(BackendTurn turn) { }

    /// <summary>Whether <see cref="CountInputAsync"/> counts in this process, at the cost of what is new.</summary>
    bool CountsHere => false;

    /// <summary>Tokens of the prompt that the turn would have; null where nobody here counts them. Throws <c>ApiException</c>.</summary>
    ValueTask<int?> CountInputAsync(BackendTurn turn, CancellationToken caller) => new((int?)null);
}

/// <summary>A model as clients see it.</summary>
public sealed record BackendModel(string Name, string OwnedBy, int? ContextTokens)
{
    private const string Owner = "samovar"; // whose it is behind this server is the operator's affair

    /// <summary>Of another name of a model: which one it is.</summary>
    public string? MeansOther { get; init; }

    /// <summary>Whether somebody else runs it, who may know pictures and levels of thought.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>One of which only the name is known.</summary>
    public static BackendModel Named(string name) => new(name, Owner, null);

    /// <summary>One that an upstream serves.</summary>
    public static BackendModel Upstream(string name) => Named(name) with { IsElsewhere = true };
}

/// <summary>One turn, as a backend sees it.</summary>
public sealed record BackendTurn
{
    public required TenantId Tenant { get; init; }
    /// <summary>Whose share of places and turns it takes; default: the tenant's own.</summary>
    public FlowId Flow { get => field.Value is null ? new FlowId(Tenant.Value) : field; init; }
    public required ResponseId Id { get; init; }
    public required TurnContext Context { get; init; }

    /// <summary>The request with its own fields; <see cref="Instructions"/> and <see cref="Tools"/> are the ones in force.</summary>
    public required CreateRequest Request { get; init; }
    public required string? Instructions { get; init; }
    public required ToolList Tools { get; init; }
    public BackendState? ParentState => Context.Parent?.State;

    /// <summary>
    /// Whether a frame that names what this request names, and neither its instructions nor its tools, would be taken for the same turn
    /// by a Samovar that holds the parent: nothing that was in force there has been left out since.
    /// </summary>
    public bool KeepsSettings { get; init; }

    /// <summary>The name that the request was routed by: the request's own, or what an alias stands for.</summary>
    public string? Model { get; init; }

    /// <summary>The response that the request wants its cache compared with, where it is known here.</summary>
    public ChainNode? Comparison { get; init; }

    /// <summary>Whether its client hears of it while it runs, or nobody waits for it: then it may wait for long before it begins.</summary>
    public bool IsStreamed { get; init; } = true;

    /// <summary>The trace that the turn belongs to, where there is one.</summary>
    public TraceContext? Trace { get; init; }

    /// <summary>Where the turn's time goes: noted by whoever works on it. Null where that is not noted.</summary>
    internal TurnTrace? Times { get; init; }

    /// <summary>How its chain came to this node for it, in a word of <see cref="ChainTakeover.Reason"/>; null where it was here.</summary>
    internal string? TakenOver { get; init; }

    /// <summary>
    /// The response shall end with what there is: the user has said something meanwhile. The next event is <c>Finished</c> then, its
    /// reason <see cref="BackendEvent.Steered"/> unless it came to its end by itself; an open item stays open. Comes only after
    /// <c>Accepted</c>.
    /// </summary>
    public CancellationToken EndsEarly { get; init; }

    /// <summary>
    /// What the user says meanwhile; null where nobody can say anything. A backend that passes it on may take a moment longer than
    /// <see cref="EndsEarly"/> allows, so that who makes the response ends it.
    /// </summary>
    public ISteering? Steering { get; init; }

    /// <summary>For the request's record; the backend fills it in while it runs.</summary>
    public BackendReport Report { get; init; } = new();
}

/// <summary>How a turn was served, as far as only its backend knows.</summary>
public sealed class BackendReport
{
    /// <summary>The replica, deployment or account that made the words.</summary>
    public string? Destination { get; set; }

    /// <summary>How the destination was found: an affinity that held, or why none did.</summary>
    public string? Affinity { get; set; }

    /// <summary>Why more than the new items had to be sent or prefilled; null when nothing had.</summary>
    public string? MissCause { get; set; }

    /// <summary>What was reused and what it cost; null where the backend does not know, or nobody would read it.</summary>
    public CacheDetails? Cache { get; set; }
    public long BytesToUpstream { get; set; }
    public long BytesBack { get; set; }

    /// <summary>What the input cost, in input tokens at their full price; null where the prices of a provider's cache are not
    /// known.</summary>
    public double? InputCost { get; set; }

    /// <summary>Attempts beyond the first.</summary>
    public int Retries { get; set; }

    /// <summary>Attempts that failed, <c>destination:fault</c> each, in their order.</summary>
    public IList<string> Faults { get; } = [];

    /// <summary>Who compacted the conversation, and how; null where nobody did.</summary>
    public string? Compaction { get; set; }

    /// <summary>What that cost; null where nobody compacted, or it is not known.</summary>
    public CompactionCost? CompactionCost { get; set; }

    /// <summary>The engine's turn, where one runs: how far it is.</summary>
    public EngineTurn? Running { get; set; }

    /// <summary>How long the turn waited for a place inside the backend, where that is known.</summary>
    public TimeSpan? Queued { get; set; }

    /// <summary>Tokens that were computed as drafts, and those of them that were then said.</summary>
    public int DraftedTokens { get; set; }
    public int AcceptedTokens { get; set; }

    /// <summary>Fields and tools of the request that the upstream does not understand.</summary>
    public IReadOnlyList<string> Dropped { get; set; } = [];

    /// <summary>
    /// What the turn has cost so far, for turns that do not come to their end: tokens prefilled, taken from a cache and generated, of all
    /// attempts, as far as anybody said.
    /// </summary>
    public Usage Spent { get; set; } = Usage.Zero;
}

/// <summary>What it took to compact a conversation.</summary>
/// <param name="Time">From its begin to the window.</param>
/// <param name="TokensBefore">Of the conversation's items, about.</param>
/// <param name="TokensAfter">Of the window's, likewise.</param>
public sealed record CompactionCost(TimeSpan Time, int TokensBefore, int TokensAfter);
