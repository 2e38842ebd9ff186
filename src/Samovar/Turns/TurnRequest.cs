using Samovar.Accounting;
using Samovar.Chains;
using Samovar.Cluster;
using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Scheduling.Fairness;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>One request on its way into the pipeline.</summary>
internal sealed record TurnRequest
{
    public required TenantId Tenant { get; init; }
    /// <summary>Whose share of places and turns it takes; default: the tenant's own.</summary>
    public FlowId Flow { get => field.Value is null ? new FlowId(Tenant.Value) : field; init; }
    public required CreateRequest Request { get; init; }
    public required IParentSource Parents { get; init; }

    /// <summary>The connection it came on; null: it came over HTTP.</summary>
    public TurnOrigin? Origin { get; init; }

    /// <summary>What the turns of its lane come to; null: it came in none.</summary>
    public LaneTally? Tally { get; init; }

    /// <summary>What its client calls itself; null: it does not.</summary>
    public string? Client { get; init; }

    /// <summary>Whether it was asked for as a chat completion, and is to be found as one.</summary>
    public bool IsChatCompletion { get; init; }

    /// <summary>The conversation that it names, where somebody has opened it for this turn already, who closes it, too.</summary>
    public ConversationHold? Conversation { get; init; }

    /// <summary>A bare continuation: settings that the frame does not name are taken over from the parent.</summary>
    public bool TakesOver { get; init; }

    /// <summary>How this client wants its events written.</summary>
    public ResponseEventOptions Events { get; init; } = ResponseEventOptions.Default;

    /// <summary>What its readers will ask for.</summary>
    public LogForm Form { get; init; } = LogForm.Written;

    /// <summary>Whether its client hears nothing of it before it is over.</summary>
    public bool IsWhole { get => field || Form == LogForm.EndAlone; init; }

    /// <summary>Where the events that nobody has read yet are counted; null: nowhere.</summary>
    public LogRoom? Logs { get; init; }

    /// <summary>When the request came in, by <c>TimeProvider.GetTimestamp</c>; null: now.</summary>
    public long? ArrivedAt { get; init; }

    /// <summary>How it came in; null where nobody watched.</summary>
    public RequestIntake? Intake { get; init; }

    /// <summary>Whether the caller may still ask when the work starts: keys are taken away while frames wait. Null: yes.</summary>
    public Func<bool>? IsWelcome { get; init; }

    /// <summary>Throws where the caller may no longer ask.</summary>
    public void RequireWelcome()
    {
        if (IsWelcome?.Invoke() == false) throw new ApiException(Errors.InvalidApiKey);
    }

    /// <summary>Whether its client may say more while it runs, which ends it early.</summary>
    public bool CanBeSteered { get; init; }

    /// <summary>What its response is called, where somebody was told of it before the turn began; null: it gets a new name.</summary>
    public ResponseId? Id { get; init; }

    /// <summary>The request as its client sent it, in JSON; null where it was put together here.</summary>
    public SentRequest? Sent { get; init; }

    /// <summary>What was decided about where it runs, of one that another node sent here; null: that is to be found out, where it
    /// matters.</summary>
    public TurnPlacing? Placing { get; init; }

    /// <summary>What its client was told of it while it waited; null: nothing.</summary>
    public QueuedResponse? Queued { get; init; }

    /// <summary>Where its time goes, where that was noted before it began; null where it was not.</summary>
    public TurnTrace? Announced { get; init; }

    /// <summary>How often somebody has read it again, while others than its own reader may; null where none may.</summary>
    public Func<int>? Resumes { get; init; }

    /// <summary>Whether it came as a request for a compacted window, not for a response.</summary>
    public bool IsWindowAlone { get; init; }

    /// <summary>About how much is to be read and written before its backend has it.</summary>
    public long BytesToPrepare(ChainNode? parent) =>
        Request.Bytes + (parent is null or { State.IsWarm: true } ? 0 : parent.ChainBytes);

    /// <summary>Where its caller waits for its beginning already; null: nobody does yet.</summary>
    public TaskCompletionSource<EventLog>? Began { get; init; }
}

/// <summary>A response that its client knows already while its turn waits: it goes on under the numbers that follow.</summary>
/// <param name="CreatedAt">As it was said.</param>
/// <param name="NextNumber">Of the turn's first event.</param>
internal sealed record QueuedResponse(DateTimeOffset CreatedAt, long NextNumber);

/// <summary>A turn runs here, under this right.</summary>
/// <param name="Root">Its chain's tree; null where it begins one.</param>
/// <param name="Epoch">The tree's; 0 where it begins one.</param>
/// <param name="Past">What may exist of its response already.</param>
internal sealed record TurnPlacing(ResponseId? Root, long Epoch, TurnPast Past)
{
    /// <summary>How its chain came here for it; null where it was here.</summary>
    public ChainTakeover? Taken { get; init; }
}

/// <summary>What a client speaks.</summary>
internal enum ClientApi
{
    Responses,

    /// <summary>OpenAI's Chat Completions.</summary>
    Chat,

    /// <summary>Anthropic's Messages.</summary>
    Messages,
}

/// <summary>A request as its client sent it.</summary>
/// <param name="Json">One object.</param>
/// <param name="IsBareFrame">Null: it was the body of a request over HTTP; else whether it was a bare frame of a WebSocket.</param>
/// <param name="Api">What its client speaks.</param>
internal readonly record struct SentRequest(ReadOnlyMemory<byte> Json, bool? IsBareFrame, ClientApi Api = ClientApi.Responses)
{
    /// <summary>With the same settings and other input: what was put together here of several frames. What it continues is said beside
    /// it.</summary>
    public SentRequest With(IReadOnlyList<Item> input) => this with { Json = PassedFrames.WithInput(Json, input) };
}
