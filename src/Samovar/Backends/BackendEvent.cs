using Samovar.Chains;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Backends;

/// <summary>What a backend reports while it runs; the fold turns it into response events and items.</summary>
public abstract record BackendEvent
{
    /// <summary>The reason of a response that ended so that its user's words come next.</summary>
    public const string Steered = "steered";

    private BackendEvent() { }

    /// <summary>The turn will run on this model; <c>response.created</c> may go out.</summary>
    public sealed record Accepted(string Model) : BackendEvent
    {
        /// <summary>What is known of the input so far; null where nothing is.</summary>
        public Usage? Usage { get; init; }

        /// <summary>How it samples where the request does not say; null as the API does.</summary>
        public DefaultSampling? Sampling { get; init; }

        /// <summary>What is known already of how its cache compares; null where nothing is, or nobody asked.</summary>
        public CacheDiagnostics? Cache { get; init; }
    }

    /// <summary>An item begins; only one is open at a time. <see cref="Id"/> null lets the fold name it.</summary>
    public sealed record MessageStarted(string? Id = null, string? Phase = null) : BackendEvent;
    public sealed record ReasoningStarted(string? Id = null) : BackendEvent;
    public sealed record FunctionCallStarted(string Name, string? CallId = null, string? Namespace = null, string? Id = null)
        : BackendEvent
    {
        /// <summary>As <see cref="ItemDone.Extra"/>, where its maker says it before the arguments.</summary>
        public RawJson Extra { get; init; }
    }

    public sealed record CustomCallStarted(string Name, string? CallId = null, string? Namespace = null, string? Id = null) : BackendEvent
    {
        /// <inheritdoc cref="FunctionCallStarted.Extra"/>
        public RawJson Extra { get; init; }
    }

    /// <summary>More of the open item: a message's text, a reasoning's text, a call's arguments or input. Whole characters only.</summary>
    /// <param name="Logprobs">JSON array of logprob objects, empty when not asked for; what is not an array is
    /// none.</param>
    public sealed record Delta(string Text, RawJson Logprobs = default) : BackendEvent
    {
        public RawJson Logprobs { get; } = Logprobs.IsArray ? Logprobs.Mended() : default;
    }

    /// <summary>What the open message's text rests on, a source that it cites: an object, as the Responses API has them.</summary>
    public sealed record Annotation(RawJson Json) : BackendEvent { public RawJson Json { get; } = Json.Mended(); }

    /// <summary>More of the open message's refusal.</summary>
    public sealed record RefusalDelta(string Text) : BackendEvent;

    /// <summary>More of the open reasoning's summary.</summary>
    public sealed record SummaryDelta(string Text, int SummaryIndex = 0) : BackendEvent;

    /// <summary>The open item ends. <paramref name="Whole"/>: an upstream's own final item, kept byte for byte.</summary>
    public sealed record ItemDone(RawJson Whole = default) : BackendEvent
    {
        /// <summary>Incomplete for an item that never came to its end, such as a call whose arguments were cut off.</summary>
        public ItemStatus Status { get; init; } = ItemStatus.Completed;

        /// <summary>What its maker said beside a call and needs to get back with it: a JSON object; empty for none.</summary>
        public RawJson Extra { get; init; }

        /// <summary><paramref name="Whole"/> as it was read, by a backend that has read it already.</summary>
        public Item? Item { get; init; }
    }

    /// <summary>An item of a kind that is only carried: added and done at once.</summary>
    public sealed record CarriedItem(RawJson Item) : BackendEvent;

    /// <summary>
    /// An item of a kind that is only carried begins: a hosted tool's call. Its progress follows as <see cref="CarriedEvent"/>, its final
    /// form with <see cref="ItemDone"/>.
    /// </summary>
    public sealed record CarriedStarted(string Id, RawJson Item) : BackendEvent;

    /// <summary>An event of a kind that is only carried; while an item is open it is that item's, and gets its id and index.</summary>
    public sealed record CarriedEvent(string Type, RawJson Json) : BackendEvent;

    /// <summary>
    /// The turn ended. An item that a limit cut off is left open: it ends incomplete. Nothing of the backend runs after it but
    /// <c>finally</c>.
    /// </summary>
    /// <param name="Usage">Null where the upstream did not say.</param>
    /// <param name="IncompleteReason">Null when complete; else max_output_tokens, content_filter …</param>
    /// <param name="State">What to keep with the response for its continuation.</param>
    public sealed record Finished(Usage? Usage, string? IncompleteReason = null, BackendState? State = null, CacheDiagnostics? Cache = null)
        : BackendEvent
    {
        /// <summary>Which text of the request's <c>stop</c> the answer ended before.</summary>
        public string? StopSequence { get; init; }

        /// <inheritdoc cref="Response.StopReason"/>
        public string? StopReason { get; init; }

        /// <inheritdoc cref="Response.AppliedEdits"/>
        public RawJson AppliedEdits { get; init; }

        /// <inheritdoc cref="Response.MessagesEnd"/>
        public RawJson MessagesEnd { get; init; }
    }
}
