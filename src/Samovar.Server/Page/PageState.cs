using System.Text.Json.Serialization;

namespace Samovar.Server.Page;

/// <summary>
/// What the page shows: the whole of it is sent once, then <see cref="PageDelta"/>s. Collections are objects by id, so that a change names
/// what changed and nothing else. Times are milliseconds since 1970; sizes bytes.
/// </summary>
internal sealed record PageState
{
    /// <summary>Of the newest delta that is in it.</summary>
    public required long Seq { get; init; }
    public required PageServer Server { get; init; }
    public required PageTotals Totals { get; init; }
    public required IReadOnlyDictionary<string, PageSession> Sessions { get; init; }
    public required IReadOnlyDictionary<string, PageLane> Lanes { get; init; }

    /// <summary>Turns that go on, and the newest that ended.</summary>
    public required IReadOnlyDictionary<string, PageTurn> Turns { get; init; }
    public required IReadOnlyDictionary<string, PagePrefix> Prefixes { get; init; }

    /// <summary>For operators only.</summary>
    public required IReadOnlyDictionary<string, PagePool> Pools { get; init; }

    /// <summary>Where there are several, for operators only.</summary>
    public required IReadOnlyDictionary<string, PageModel> Models { get; init; }
}

/// <summary>What changed since the delta before: whole objects, and ids that are gone. Null or absent: nothing.</summary>
internal sealed record PageDelta
{
    public required long Seq { get; init; }
    public PageServer? Server { get; init; }
    public PageTotals? Totals { get; init; }
    public IReadOnlyDictionary<string, PageSession>? Sessions { get; init; }
    public IReadOnlyDictionary<string, PageLane>? Lanes { get; init; }
    public IReadOnlyDictionary<string, PageTurn>? Turns { get; init; }
    public IReadOnlyDictionary<string, PagePrefix>? Prefixes { get; init; }
    public IReadOnlyDictionary<string, PagePool>? Pools { get; init; }
    public IReadOnlyDictionary<string, PageModel>? Models { get; init; }

    /// <summary>By collection: <c>{"turns": ["resp_…"]}</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Gone { get; init; }
}

/// <param name="Tenant">Whose page it is; null: an operator's, who sees everybody's.</param>
/// <param name="Model">Of the embedded engine; null where there is none.</param>
/// <param name="Streams">Of the embedded engine.</param>
/// <param name="Store">Where stored responses are kept: <c>memory</c>, <c>sqlite</c>, <c>postgres</c>.</param>
internal sealed record PageServer(string Version, double StartedAt, double Now, bool Draining, string? Tenant, string? Model, int Streams,
    string Store);

/// <summary>Since the server's start, of those whose page it is.</summary>
internal sealed record PageTotals
{
    public long Turns { get; init; }
    public long Failed { get; init; }
    public int SessionsOpen { get; init; }
    public int Running { get; init; }
    public int Queued { get; init; }
    public long BytesUp { get; init; }
    public long BytesDown { get; init; }

    /// <summary>What clients without state would have sent for the same turns: the whole context each time.</summary>
    public long BytesStateless { get; init; }
    public long InputTokens { get; init; }
    public long CachedTokens { get; init; }
    public long OutputTokens { get; init; }

    /// <summary>KV that is held, by where: <c>stream</c>, <c>memory</c>, <c>disk</c>; tokens each. Operators only.</summary>
    public IReadOnlyDictionary<string, long>? KvTokens { get; init; }
}

/// <summary>A connection, or what HTTP requests that continue each other have in common.</summary>
/// <param name="Transport"><c>websocket</c> or <c>http</c>.</param>
/// <param name="Client">What the client calls itself, cut to a line; null: it does not.</param>
internal sealed record PageSession(string Id, string Tenant, string Transport, string? Client, double OpenedAt, bool IsOpen);

/// <summary>A lane of a session, a row of the page.</summary>
internal sealed record PageLane
{
    public required string Id { get; init; }
    public required string Session { get; init; }

    /// <summary>Null: the default lane.</summary>
    public string? Name { get; init; }
    public string? Model { get; init; }

    /// <summary>Newest last, bounded.</summary>
    public required IReadOnlyList<string> Turns { get; init; }

    /// <summary>Where the KV of its newest response is: <c>stream</c>, <c>memory</c>, <c>disk</c>, <c>upstream</c>, <c>tokens</c>
    /// (rendered tokens only), <c>none</c>.</summary>
    public required string Kv { get; init; }

    /// <summary>The stream's number or the upstream account; null where that says nothing.</summary>
    public string? KvAt { get; init; }
    public int ContextTokens { get; init; }
    public long BytesUp { get; init; }
    public long BytesStateless { get; init; }
}

/// <summary>A turn, a small timeline of its lane.</summary>
internal sealed record PageTurn
{
    public required string Id { get; init; }
    public required string Lane { get; init; }

    /// <summary>The response it continues: a chain's tree is made of these.</summary>
    public string? Parent { get; init; }
    public string? Conversation { get; init; }

    /// <summary>A stage's name (<c>queue</c>, <c>match</c>, <c>prefill</c>, <c>decode</c> …), or <c>ended</c>.</summary>
    public required string Stage { get; init; }
    public required double At { get; init; }

    /// <summary>Milliseconds: waits together, then to the first token, then to the end; null while unknown.</summary>
    public double? QueuedMs { get; init; }
    public double? FirstTokenMs { get; init; }
    public double? TotalMs { get; init; }
    public int InputTokens { get; init; }

    /// <summary>Of the input, what was warm; what had to be computed; how much of that is done.</summary>
    public int CachedTokens { get; init; }
    public int PrefillTokens { get; init; }
    public int PrefilledTokens { get; init; }
    public int OutputTokens { get; init; }
    public long BytesUp { get; init; }
    public long BytesStateless { get; init; }
    public string? Outcome { get; init; }
    public string? Error { get; init; }

    /// <summary>Why it was cold; null where it was not.</summary>
    public string? Miss { get; init; }
    public string? Model { get; init; }
    public string? Destination { get; init; }
    public string? Affinity { get; init; }
    public IReadOnlyList<string> Faults { get; init; } = [];
}

/// <summary>A start that several chains share.</summary>
/// <param name="Users">Lanes that have it, newest first, bounded.</param>
/// <param name="Kv">As of a lane.</param>
/// <param name="Warm">Who keeps it warm: <c>warmed</c>, <c>configured</c>; null: nobody asked to.</param>
internal sealed record PagePrefix(string Id, int Tokens, long Hits, IReadOnlyList<string> Users, string Kv, string? Warm = null)
{
    /// <summary>What its tenant calls it; null: nothing.</summary>
    public string? Name { get; init; }
}

internal sealed record PagePool(string Name, int Waiting, int WaitingMax, IReadOnlyList<PageDestination> Destinations);

/// <param name="Refusal">Why no turn may begin there; null: one may.</param>
internal sealed record PageDestination(string Name, string Kind, int InFlight, int InFlightMax, string? Refusal, double? RetryAfterSeconds,
    string? LastFault, double? FirstOutputMs, long Attempts, long Faults, long InputTokens, long CachedTokens);

/// <summary>A part of a chain.</summary>
/// <param name="Turns">Newest first, bounded.</param>
/// <param name="Next">To ask for what comes before them; null: nothing does.</param>
internal sealed record PageChain(string Id, IReadOnlyList<PageTurn> Turns, string? Next);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PageState))]
[JsonSerializable(typeof(PageDelta))]
[JsonSerializable(typeof(PageChain))]
internal sealed partial class PageJson : JsonSerializerContext;
