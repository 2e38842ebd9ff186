using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Events;

/// <summary>What Samovar reads of another server's event; what it does not know is in <see cref="Json"/>.</summary>
public sealed record EventView
{
    /// <summary><c>error</c> also where an error came without a type.</summary>
    public required string Type { get; init; }

    /// <summary>The whole event.</summary>
    public required RawJson Json { get; init; }
    public long? SequenceNumber { get; init; }
    public string? StreamId { get; init; }

    /// <summary>The snapshot of created, in_progress and the terminal events.</summary>
    public ResponseView? Response { get; init; }
    public string? ItemId { get; init; }
    public int? OutputIndex { get; init; }
    public int? ContentIndex { get; init; }
    public int? SummaryIndex { get; init; }

    /// <summary>Of <c>output_item.added</c> and <c>output_item.done</c>.</summary>
    public Item? Item { get; init; }

    /// <summary>Of <c>content_part.added</c> and <c>content_part.done</c>: the part's bytes.</summary>
    public RawJson Part { get; init; }
    public string? Delta { get; init; }

    /// <summary>The whole that a <c>….done</c> event carries: text, refusal, arguments or input.</summary>
    public string? Whole { get; init; }
    public RawJson Logprobs { get; init; }

    /// <summary>Of <c>output_text.annotation.added</c>: what the text rests on.</summary>
    public RawJson Annotation { get; init; }
    public EventError? Error { get; init; }

    /// <summary>Nothing of this response follows.</summary>
    public bool IsTerminal => Type is "response.completed" or "response.failed" or "response.incomplete" or "response.done" or "error";

    /// <summary>The event as one that is only passed on.</summary>
    public ResponseEvent.Carried AsCarried() => new(Type, Json);
}

/// <summary>An error event, envelope or body, flat or nested.</summary>
/// <param name="Status">Where the envelope names it.</param>
public sealed record EventError(string? Code, string? Type, string Message, string? Param, int? Status, TimeSpan? RetryAfter);
