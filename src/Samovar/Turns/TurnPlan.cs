using Samovar.Backends;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Turns;

/// <summary>A turn that is ready to run.</summary>
/// <param name="Request">The request with the settings in force.</param>
/// <param name="Settings">Those settings as the response keeps them: the parent's own object where they are the same.</param>
/// <param name="Context">Parent and resolved input.</param>
/// <param name="Route">Who runs it.</param>
/// <param name="OpenCalls">Calls that the input leaves open: none unless this is a warm-up.</param>
internal sealed record TurnPlan(
    CreateRequest Request, CreateRequest Settings, TurnContext Context, RouteDecision.To Route, IReadOnlySet<string> OpenCalls)
{
    /// <summary>What the backend reports about its own work, for the request's record.</summary>
    public BackendReport Report { get; } = new();

    /// <summary>Bytes of memory that the request holds beyond its parent, what it only names included.</summary>
    public required long Bytes { get; init; }

    /// <summary>How a request without a parent found its chain, or why not; null where it named one.</summary>
    public HistoryMatch? Match { get; init; }

    /// <summary>The context as the backend sees it, where the client brought a compaction that is opened here.</summary>
    public TurnContext? Opened { get; init; }

    /// <summary>The response that <c>comparison_response_id</c> names: of the chain, of the connection, or stored.</summary>
    public ChainNode? Comparison { get; init; }

    /// <summary>As the request names it, in the parent's own text where it is that: chains are kept.</summary>
    public ResponseId? Previous => Request.PreviousResponseId is { } named
        ? Context.Parent is { } parent && parent.Id == named ? parent.Id : named : null;

    public string? Instructions => Settings.Instructions;
    public ToolList Tools => Settings.Tools ?? ToolList.Empty;

    /// <summary>Where the parent was, or why there is none, for the turn's trace.</summary>
    /// <param name="isAtHand">Whether the one that was named did not have to be waited for.</param>
    public string FoundIn(bool isAtHand) => Request.PreviousResponseId is not null || Context.IsOfConversation
        ? isAtHand ? "memory" : "store" : Match?.Outcome ?? "none";

    /// <summary>What the response says of its cache; null where nobody asked.</summary>
    /// <param name="known">What the backend said; not every one knows.</param>
    public CacheDiagnostics? Diagnosis(CacheDiagnostics? known)
    {
        if (Request.CacheComparison is null && !Request.WantsCacheDetails) return null;
        var said = Comparison is null ? new CacheDiagnostics.ComparisonNotFound() : known ?? new CacheDiagnostics.Unavailable();
        return Request.WantsCacheDetails ? said with { Details = Report.Cache } : said;
    }

    /// <summary>The response as it begins.</summary>
    public Response Beginning(TurnRequest turn, ResponseId id, BackendEvent.Accepted accepted, DateTimeOffset now) => new()
    {
        Id = id,
        CreatedAt = turn.Queued?.CreatedAt ?? now,
        Status = ResponseStatus.InProgress,
        Model = Context.Parent?.Response.Model is { } before && before == accepted.Model ? before : accepted.Model,
        Usage = turn.Events.BeginsWithUsage ? accepted.Usage : null,
        Request = Settings,
        Sampling = accepted.Sampling,
        CacheDiagnostics = Diagnosis(accepted.Cache),
        Instructions = Instructions,
        Tools = Tools,
        PreviousResponseId = Previous,
        Conversation = turn.Request.Conversation,
        IsBackground = turn.Request.Background,
    };

    /// <param name="turn">Who asks.</param>
    public BackendTurn ForBackend(TurnRequest turn, ResponseId id) => new()
    {
        Tenant = turn.Tenant,
        Flow = turn.Flow,
        IsStreamed = !turn.IsWhole,
        Id = id,
        Context = Opened ?? Context,
        Request = Request,
        Model = Route.Model,
        Report = Report,
        Comparison = Comparison,
        Instructions = Instructions,
        Tools = Tools,
        KeepsSettings = Context.Parent is { } parent
            && (ReferenceEquals(Settings, parent.Response.Request) || Turns.Settings.Keeps(Request, parent.Response)),
    };
}
