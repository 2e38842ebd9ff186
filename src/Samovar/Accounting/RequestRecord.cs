using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Tracing;

namespace Samovar.Accounting;

/// <summary>What one request was and what it cost: one structured record each, refused ones included.</summary>
internal sealed record RequestRecord
{
    public required TenantId Tenant { get; init; }

    /// <summary>Null when the request was refused before it had a response.</summary>
    public ResponseId? Response { get; init; }
    public ResponseId? Previous { get; init; }

    /// <summary>The response that it continues, named or found by what the client sent; null: none.</summary>
    public ResponseId? Parent { get; init; }

    /// <summary>The first response of its chain.</summary>
    public ResponseId? Root { get; init; }
    public ConversationId? Conversation { get; init; }

    /// <summary>The connection it came on; null: it came over HTTP.</summary>
    public TurnOrigin? Origin { get; init; }

    /// <summary>What its client calls itself; null: it does not.</summary>
    public string? Client { get; init; }

    /// <summary>The conversation of the client's that it says it belongs to; null: it says none.</summary>
    public string? Thread { get; init; }

    /// <summary>The conversation or session of the client's that set that one to work; null: it says none.</summary>
    public string? ParentThread { get; init; }

    /// <summary>What the client calls its turn, of which this is one request; null: it does not.</summary>
    public string? ClientTurn { get; init; }

    /// <summary>When it arrived, by <c>TimeProvider.GetTimestamp</c>; 0: not known.</summary>
    public long ArrivedAt { get; init; }
    public LaneId Lane { get; init; }

    /// <summary>The name that the request was routed by, aliases resolved.</summary>
    public string? RequestModel { get; init; }

    /// <summary>The model that answered; before there was an answer, the one that was asked.</summary>
    public string? Model { get; init; }

    /// <summary>Who made the words.</summary>
    public string? Destination { get; init; }

    /// <summary>The node that ran it, where that is another one; what it cost stands in that one's record.</summary>
    public string? RelayedTo { get; init; }

    /// <summary>How its chain came to this node for it; null where it was here, or the server stands alone.</summary>
    public ChainTakeover? Taken { get; init; }

    /// <summary>How the destination was found.</summary>
    public string? Affinity { get; init; }

    /// <summary>
    /// Whether a request that named no parent was found to continue a chain by what it says: content, content_without_reasoning, or
    /// none with the reason.
    /// </summary>
    public string? Matched { get; init; }

    /// <summary>How the conversation was compacted: model, extract with the reason, whole, upstream; null where it was not.</summary>
    public string? Compaction { get; init; }

    /// <summary>
    /// What it was compacted by: trigger (an item of the request), endpoint, automatic (the conversation passed the request's threshold);
    /// null where it was not, and was not to be.
    /// </summary>
    public string? CompactionForm { get; init; }

    /// <summary>How long the compaction took; null where there was none, or only the upstream knows.</summary>
    public TimeSpan? CompactionTime { get; init; }

    /// <summary>Tokens of the conversation and of the window that took its place, about; 0 where nobody knows.</summary>
    public int CompactionTokensBefore { get; init; }
    public int CompactionTokensAfter { get; init; }

    /// <summary>Whether nobody had to wait for it.</summary>
    public bool IsBackground { get; init; }

    /// <summary>How often somebody came back to its events until it ended.</summary>
    public int Resumes { get; init; }

    /// <summary>How long storing its response took, whether that went well or not; null where nothing was to be stored.</summary>
    public TimeSpan? StoreTime { get; init; }

    /// <summary>completed, incomplete, failed, cancelled, refused.</summary>
    public required string Outcome { get; init; }
    public string? ErrorCode { get; init; }

    /// <summary>
    /// Why tokens that the chain had were computed, or items that an upstream had were sent, again; null where none were. The engine's
    /// words are <see cref="MissReasons"/>.
    /// </summary>
    public string? MissCause { get; init; }
    public long BytesFromClient { get; init; }

    /// <summary>What a client without state would have sent for it: the whole context.</summary>
    public long BytesStateless { get; init; }
    public long BytesToClient { get; init; }
    public long BytesToUpstream { get; init; }

    /// <summary>From the upstream.</summary>
    public long BytesBack { get; init; }
    public Usage Usage { get; init; } = Usage.Zero;

    /// <summary>What the input cost, in input tokens at their full price; null where the prices of a provider's cache are not
    /// known.</summary>
    public double? InputCost { get; init; }
    public int Retries { get; init; }

    /// <summary>Attempts that failed, <c>destination:fault</c> each, in their order.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Fields and tools that the upstream does not understand, or does only in part.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>How long it waited for the turns before it in its lane.</summary>
    public TimeSpan Queued { get; init; }

    /// <summary>How long it waited for a stream of the engine or a place at an upstream; null where that is not known.</summary>
    public TimeSpan? BackendQueued { get; init; }

    /// <summary>Tokens that the engine computed as drafts, and those of them that were then said.</summary>
    public int DraftedTokens { get; init; }
    public int AcceptedTokens { get; init; }

    /// <summary>From its arrival to the first output, the waits included.</summary>
    public TimeSpan? FirstToken { get; init; }

    /// <summary>From its arrival to its end.</summary>
    public TimeSpan Total { get; init; }
}

/// <summary>Where request records go.</summary>
internal interface IRequestLog
{
    /// <summary>Must not block and must not throw.</summary>
    void Write(RequestRecord record);
}
