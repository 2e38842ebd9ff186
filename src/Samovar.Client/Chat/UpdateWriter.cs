using Microsoft.Extensions.AI;
using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Chat;

/// <summary>The events of a turn → updates of a chat response.</summary>
/// <remarks>
/// A stream that is read on from a token has the calls of all of its response: what came before the token may have been seen, but nobody
/// has run it.
/// </remarks>
internal sealed class UpdateWriter(ResumeToken? from)
{
    private readonly HashSet<string> _calls = new(StringComparer.Ordinal);
    private string? _responseId = from?.ResponseId, _model;
    private DateTimeOffset? _createdAt;
    private long _last = from?.Last ?? -1;
    private bool _saidSomething;

    /// <summary>Whether the response goes on by itself, so that its updates have tokens.</summary>
    public bool IsResumable { get; set; }

    public IEnumerable<ChatResponseUpdate> Write(TurnEvent e)
    {
        _last = e.SequenceNumber ?? _last;
        switch (e)
        {
            case TurnEvent.Created created: return [Begin(created.Response, e)];
            case TurnEvent.TextDelta text: return [Said(e, text.ItemId, new TextContent(text.Delta))];
            case TurnEvent.ReasoningDelta thought: return [Said(e, null, new TextReasoningContent(thought.Delta))];
            case TurnEvent.SummaryDelta thought: return [Said(e, null, new TextReasoningContent(thought.Delta))];
            case TurnEvent.RefusalDone refusal:
                return [Said(e, refusal.ItemId, new ErrorContent(refusal.Refusal) { ErrorCode = "refusal" })];
            case TurnEvent.ItemDone { Item: MessageItem }: return [];
            case TurnEvent.ItemDone { Item: ReasoningItem thought }: return Sealed(e, thought);
            case TurnEvent.ItemDone done:
                return Whole(done.Item, e);
            case TurnEvent.Completed end: return [.. Unseen(end.Response, e), End(end.Response, e)];
            case TurnEvent.Incomplete { Response.IncompleteReason: "steered" }: return [];
            case TurnEvent.Incomplete end: return [.. Unseen(end.Response, e), End(end.Response, e)];
            case TurnEvent.Failed failed: throw Faults.Of(failed.Response);
            case TurnEvent.Restarted restarted: return Again(restarted);
            default: return IsResumable && e.SequenceNumber is not null ? [Update(e)] : [];
        }
    }

    private ChatResponseUpdate Begin(ResponseView response, TurnEvent e)
    {
        (_responseId, _model, _createdAt) = (response.Id?.Value, response.Model, response.CreatedAt);
        return Update(e);
    }

    private List<ChatResponseUpdate> Whole(Item item, TurnEvent e)
    {
        if (item is FunctionCallItem call) _calls.Add(call.CallId);
        return [.. OutputMapping.Of(item).Select(content => Said(e, null, content))];
    }

    private IEnumerable<ChatResponseUpdate> Unseen(ResponseView response, TurnEvent e) => from is null ? []
        : response.Output.OfType<FunctionCallItem>().Where(call => !_calls.Contains(call.CallId)).ToList()
            .SelectMany(call => Whole(call, e));

    /// <summary>What the server alone can read of a thought, for it to come back to the server.</summary>
    private IEnumerable<ChatResponseUpdate> Sealed(TurnEvent e, ReasoningItem thought) => thought.EncryptedContent is null ? []
        : [Said(e, null, new TextReasoningContent(null) { ProtectedData = thought.EncryptedContent })];

    private ChatResponseUpdate Said(TurnEvent e, string? messageId, AIContent content)
    {
        _saidSomething = true;
        var update = Update(e);
        update.Contents.Add(content);
        if (messageId is { Length: > 0 }) update.MessageId = messageId; // of a message's own words: else the answer would fall apart
        return update;
    }

    private ChatResponseUpdate End(ResponseView response, TurnEvent e)
    {
        (_responseId, _model) = (response.Id?.Value ?? _responseId, response.Model ?? _model);
        var update = Update(e);
        update.FinishReason = OutputMapping.Finish(response, _calls.Count > 0);
        update.ContinuationToken = null; // there is nothing behind it
        if (OutputMapping.Usage(response) is { } usage) update.Contents.Add(new UsageContent(usage));
        return update;
    }

    /// <summary>The turn begins anew: what was said already cannot be taken back here.</summary>
    private IEnumerable<ChatResponseUpdate> Again(TurnEvent.Restarted restarted) => !_saidSomething ? []
        : throw new ResponsesException(ResponsesErrorKind.Lost, "The server lost the response after a part of it was shown; ask again.")
        { ResponseId = restarted.LostResponseId };

    private ChatResponseUpdate Update(TurnEvent e) => new()
    {
        Role = ChatRole.Assistant,
        ResponseId = _responseId,
        ModelId = _model,
        CreatedAt = _createdAt,
        RawRepresentation = e,
        ContinuationToken = IsResumable && _responseId is { } id ? new ResumeToken(id, _last) : null,
    };
}
