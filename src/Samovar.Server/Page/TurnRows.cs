using Samovar.Accounting;
using Samovar.Protocol.Ids;
using Samovar.Turns;

namespace Samovar.Server.Page;

/// <summary>Turns, running and over, as the page shows them.</summary>
internal sealed class TurnRows(PageNames names)
{
    private static readonly ResponseId Refused = new("refused"); // of no chain: they stand together

    /// <param name="at">When its record was written.</param>
    public TurnRow Of(DateTimeOffset at, RequestRecord record)
    {
        var id = record.Response?.Value ?? names.OfRefused();
        var root = record.Root ?? record.Previous ?? Refused;
        var place = PlaceOf(record.Tenant, record.Origin, record.Thread, root, record.Lane, record.Client);
        var arrived = record.ArrivedAt == 0 ? PageNames.Milliseconds(at) : names.At(record.ArrivedAt);
        var computed = Math.Max(0, record.Usage.InputTokens - record.Usage.CachedTokens);
        return new TurnRow(place, record.ArrivedAt == 0 ? names.Now : record.ArrivedAt, new PageTurn
        {
            Id = id,
            Lane = place.Lane,
            Parent = (record.Parent ?? record.Previous)?.Value,
            Conversation = record.Conversation?.Value,
            Stage = "ended",
            At = arrived,
            QueuedMs = Milliseconds(record.Queued + (record.BackendQueued ?? TimeSpan.Zero)),
            FirstTokenMs = Milliseconds(record.FirstToken),
            TotalMs = Milliseconds(record.Total),
            InputTokens = record.Usage.InputTokens,
            CachedTokens = record.Usage.CachedTokens,
            PrefillTokens = computed,
            PrefilledTokens = computed,
            OutputTokens = record.Usage.OutputTokens,
            BytesUp = record.BytesFromClient,
            BytesStateless = record.BytesStateless,
            Outcome = record.Outcome,
            Error = record.ErrorCode,
            Miss = record.MissCause,
            Model = record.Model,
            Destination = record.Destination,
            Affinity = record.Affinity,
            Faults = record.Faults.Count == 0 ? ListOf<string>.Empty : new ListOf<string>([.. record.Faults]),
        });
    }

    /// <param name="laneOf">The lane of a turn that is known already: what a turn continues is not found at once.</param>
    public TurnRow Of(TurnState turn, Func<string, TurnPlace?> laneOf)
    {
        var (request, plan) = (turn.Request.Request, turn.Plan);
        var parent = plan?.Context.Parent?.Id ?? request.PreviousResponseId;
        var place = PlaceOf(turn, plan, parent is { } known ? laneOf(known.Value) : null);
        var progress = plan?.Report.Running?.Progress ?? default;
        var (input, first) = (turn.InputTokens, turn.FirstToken);
        return new TurnRow(place, turn.ArrivedAt, new PageTurn
        {
            Id = turn.Id.Value,
            Lane = place.Lane,
            Parent = parent?.Value,
            Conversation = request.Conversation?.Value,
            Stage = turn.Times.Trace?.Stage is { } stage ? stage.ToString().ToLowerInvariant()
                : StageOf(turn, plan, progress.HasBegun, first),
            At = names.At(turn.ArrivedAt),
            FirstTokenMs = Milliseconds(first),
            InputTokens = input,
            CachedTokens = progress.CachedTokens,
            PrefillTokens = progress.HasBegun ? Math.Max(0, input - progress.CachedTokens) : 0,
            PrefilledTokens = progress.PrefilledTokens,
            OutputTokens = progress.HasBegun ? progress.OutputTokens : turn.Outputs,
            BytesUp = request.Bytes,
            BytesStateless = turn.BytesStateless,
            Model = plan?.Route.Model ?? request.Model,
            Destination = plan?.Report.Destination,
            Affinity = plan?.Report.Affinity,
            Faults = ListOf<string>.Empty,
        });
    }

    private static string StageOf(TurnState turn, TurnPlan? plan, bool hasStream, TimeSpan? first) =>
        !turn.IsAdmitted ? "queue" : plan is null ? "match" : first is not null ? "decode"
            : turn.Events is null && plan.Report.Running is null ? "render"
            : plan.Report.Running is null || hasStream ? "prefill" : "place";

    private TurnPlace PlaceOf(TurnState turn, TurnPlan? plan, TurnPlace? ofParent)
    {
        var hints = turn.Request.Request.Hints;
        return turn.Request.Origin is null && plan is null && ofParent?.Tenant == turn.Request.Tenant ? ofParent
            : PlaceOf(turn.Request.Tenant, turn.Request.Origin, hints.Thread ?? hints.Session, plan?.Context.Parent?.Root ?? turn.Id,
                turn.Request.Request.Lane, turn.Request.Client);
    }

    private TurnPlace PlaceOf(TenantId tenant, TurnOrigin? origin, string? thread, ResponseId root, LaneId lane, string? client)
    {
        if (origin is not null)
        {
            var socket = names.OfSocket(origin);
            return new TurnPlace(socket, LaneOf(socket, lane), lane.IsDefault ? null : lane.Name, tenant, origin, client);
        }
        var session = PageNames.OfRequests(tenant, thread, root);
        return new TurnPlace(session, $"{session}/{root.Value}", null, tenant, null, client);
    }

    public static string LaneOf(string socket, LaneId lane) => $"{socket}/{(lane.IsDefault ? "" : lane.Name)}";

    private static double? Milliseconds(TimeSpan? span) => span is { } known ? Math.Round(known.TotalMilliseconds, 1) : null;
}

/// <summary>Where a turn is shown.</summary>
/// <param name="Name">The lane's; null: the default one.</param>
/// <param name="Origin">Null: it came over HTTP.</param>
internal sealed record TurnPlace(string Session, string Lane, string? Name, TenantId Tenant, TurnOrigin? Origin, string? Client);

/// <param name="ArrivedAt">By <c>TimeProvider.GetTimestamp</c>.</param>
internal sealed record TurnRow(TurnPlace Place, long ArrivedAt, PageTurn Turn);
