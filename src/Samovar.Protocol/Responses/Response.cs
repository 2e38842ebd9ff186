using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Protocol.Responses;

public enum ResponseStatus { Queued, InProgress, Completed, Failed, Incomplete, Cancelled }

/// <summary>The Response object at one moment. Written by <c>ResponseWriter</c> with every field that the OpenAI SDKs, Codex and Open
/// Responses 2026-04-24 want.</summary>
public sealed record Response
{
    public required ResponseId Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public required ResponseStatus Status { get; init; }

    /// <summary>The model really used.</summary>
    public required string Model { get; init; }

    /// <summary>The settings that are echoed.</summary>
    public required CreateRequest Request { get; init; }

    /// <summary>What is echoed of sampling where the request names nothing; null: the API's own defaults.</summary>
    public DefaultSampling? Sampling { get; init; }

    /// <summary>Instructions and tools in force; a bare continuation takes them over from its parent.</summary>
    public string? Instructions { get; init; }
    public ToolList Tools { get; init; } = ToolList.Empty;
    public ResponseId? PreviousResponseId { get; init; }
    public ConversationId? Conversation { get; init; }

    /// <summary>Whether it was made without its client.</summary>
    public bool IsBackground { get; init; }
    public IReadOnlyList<Item> Output { get; init; } = [];
    public ResponseError? Error { get; init; }

    /// <summary>max_output_tokens, content_filter …; set with <see cref="ResponseStatus.Incomplete"/>.</summary>
    public string? IncompleteReason { get; init; }

    /// <summary>Which text of <c>stop</c> the answer ended before.</summary>
    public string? StopSequence { get; init; }

    /// <summary>The upstream's own word for an incomplete end, where clients of the Messages API act on it in a way of its own:
    /// pause_turn, model_context_window_exceeded.</summary>
    public string? StopReason { get; init; }

    /// <summary>What the model was not shown of its context, as <c>applied_edits</c> of the Messages API; empty where it saw all.</summary>
    public RawJson AppliedEdits { get; init; }

    /// <summary>What an upstream says of the end where only clients of the Messages API know of it: an object with <c>stop_details</c> and
    /// <c>container</c>; empty for nothing.</summary>
    public RawJson MessagesEnd { get; init; }
    public Usage? Usage { get; init; }
    public CacheDiagnostics? CacheDiagnostics { get; init; }
}

/// <summary>How a model samples where a request does not say.</summary>
public sealed record DefaultSampling(double Temperature, double TopP);

/// <summary><c>response.error</c>.</summary>
public sealed record ResponseError(string Code, string Message);

/// <summary>Token counts of one turn; input includes cached.</summary>
public sealed record Usage(int InputTokens, int CachedTokens, int OutputTokens, int ReasoningTokens)
{
    public int CacheWriteTokens { get; init; }
    public static readonly Usage Zero = new(0, 0, 0, 0);

    public Usage Plus(Usage more) => new(InputTokens + more.InputTokens, CachedTokens + more.CachedTokens,
        OutputTokens + more.OutputTokens, ReasoningTokens + more.ReasoningTokens)
    {
        CacheWriteTokens = CacheWriteTokens + more.CacheWriteTokens,
    };
}
