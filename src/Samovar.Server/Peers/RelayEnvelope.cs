using System.Text.Json;
using System.Text.Json.Serialization;
using Samovar.Cluster;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Relays;
using Samovar.Scheduling.Fairness;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Server.Peers;

/// <summary>A turn on its way to another node, without what its client sent: one line of JSON in front of that.</summary>
/// <remarks>Nodes of two versions may be there at once: what one does not know it leaves out, and nothing gets another name.</remarks>
internal sealed record RelayEnvelope
{
    /// <summary>The longest line.</summary>
    public const int BytesMax = 32 << 10;

    public required string Tenant { get; init; }
    public required string Flow { get; init; }
    public required string Id { get; init; }
    public required string Known { get; init; }
    public required long Epoch { get; init; }
    public string? To { get; init; }
    public TurnPast Past { get; init; }
    public long? After { get; init; }
    public bool? IsBareFrame { get; init; }
    public string? Previous { get; init; }
    public string? Session { get; init; }
    public string? Thread { get; init; }
    public string? ParentSession { get; init; }
    public string? ParentThread { get; init; }
    public bool IsSubAgent { get; init; }
    public bool IsFinal { get; init; }
    public string? Betas { get; init; }
    public string? Traceparent { get; init; }
    public string? Tracestate { get; init; }
    public ReasoningNames Reasoning { get; init; }
    public SnapshotKind Snapshots { get; init; }
    public bool BeginsWithUsage { get; init; }
    public bool CanBeSteered { get; init; }
    public string? Client { get; init; }

    public static RelayEnvelope Of(RelayedRequest turn) => new()
    {
        Tenant = turn.Tenant.Value,
        Flow = turn.Flow.Value,
        Id = turn.Id.Value,
        Known = turn.Known.Value,
        Epoch = turn.Epoch,
        To = turn.To?.Value,
        Past = turn.Past,
        After = turn.After < 0 ? null : turn.After,
        IsBareFrame = turn.IsBareFrame,
        Previous = turn.Previous?.Value,
        Session = turn.Hints.Session,
        Thread = turn.Hints.Thread,
        ParentSession = turn.Hints.ParentSession,
        ParentThread = turn.Hints.ParentThread,
        IsSubAgent = turn.Hints.IsSubAgent,
        IsFinal = turn.Hints.IsFinal,
        Betas = turn.Hints.Betas,
        Traceparent = turn.Hints.Trace?.Parent,
        Tracestate = turn.Hints.Trace?.State,
        Reasoning = turn.Events.Reasoning,
        Snapshots = turn.Events.Snapshots,
        BeginsWithUsage = turn.Events.BeginsWithUsage,
        CanBeSteered = turn.CanBeSteered,
        Client = turn.Client,
    };

    /// <param name="sent">What its client sent.</param>
    /// <param name="api">What that one speaks.</param>
    public RelayedRequest With(ReadOnlyMemory<byte> sent, ClientApi api = ClientApi.Responses) => new()
    {
        Tenant = new TenantId(Tenant),
        Flow = new FlowId(Flow),
        Id = new ResponseId(Id),
        Known = new ResponseId(Known),
        Epoch = Epoch,
        To = To is { } to ? new Incarnation(to) : null,
        Past = Past,
        After = After ?? -1,
        Sent = sent,
        Api = api,
        IsBareFrame = IsBareFrame,
        Previous = Previous is { } previous ? new ResponseId(previous) : null,
        Hints = Hints(),
        Events = new ResponseEventOptions { Reasoning = Reasoning, Snapshots = Snapshots, BeginsWithUsage = BeginsWithUsage },
        CanBeSteered = CanBeSteered,
        Client = Client,
    };

    /// <summary>The line, with its end.</summary>
    public byte[] Line() => [.. JsonSerializer.SerializeToUtf8Bytes(this, PeerJson.Default.RelayEnvelope), (byte)'\n'];

    /// <exception cref="JsonException">It is none.</exception>
    public static RelayEnvelope Read(ReadOnlySpan<byte> line) =>
        JsonSerializer.Deserialize(line, PeerJson.Default.RelayEnvelope) ?? throw new JsonException("The line holds no turn.");

    private SessionHints Hints()
    {
        var hints = new SessionHints(Session, Thread)
        {
            ParentSession = ParentSession,
            ParentThread = ParentThread,
            IsSubAgent = IsSubAgent,
            IsFinal = IsFinal,
            Betas = Betas,
            Trace = Traceparent is null ? null
                : TraceContext.Read(name => name.Equals("traceparent", StringComparison.OrdinalIgnoreCase) ? Traceparent : Tracestate),
        };
        return hints == SessionHints.None ? SessionHints.None : hints;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(PeerWords<TurnPast>), typeof(PeerWords<ReasoningNames>), typeof(PeerWords<SnapshotKind>)])]
[JsonSerializable(typeof(RelayEnvelope))]
internal sealed partial class PeerJson : JsonSerializerContext;

/// <summary>One of a few words.</summary>
internal sealed class PeerWords<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where TEnum : struct, Enum;
