using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.History;
using Samovar.Client.Settings;
using Samovar.Client.Transports;
using Samovar.Protocol.Events;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Turns;

/// <summary>
/// One turn, from its request to its last event, over as many links as it takes.
/// </summary>
/// <remarks>
/// (1) It is asked for: as what is new where the server has the rest, whole where it says that it has not.
/// (2) Its events are taken, each once. (3) A link that is lost is followed by another: a server that resumes is asked for what comes
/// behind the last number, or, where no id was seen yet, for the same turn by its name, so that it is begun once. (4) Where events are gone
/// the response is asked for by its id. (5) Only a turn that the server itself says it does not have begins anew; its caller is told.
/// </remarks>
internal sealed class TurnRun : IAsyncDisposable
{
    private readonly Links _links;
    private readonly ResponsesOptions _options;
    private readonly TurnAsk _ask;
    private readonly CancellationToken _caller;
    private readonly Attempts _attempts;
    private readonly TurnWay _way;
    private readonly Queue<TurnEvent> _ready = new();
    private TurnProgress _progress = new();
    private EventSource? _source;
    private string? _followed;
    private bool? _findsGone; // its events cannot be had: it is asked for by its id
    private bool _isOver, _isCancelled, _isSteered;

    public TurnRun(Links links, ResponsesOptions options, TurnAsk ask, CancellationToken caller)
    {
        (_links, _options, _ask, _caller) = (links, options, ask, caller);
        _attempts = new Attempts(options);
        _way = new TurnWay(links, options, ask, _attempts, caller);
        _followed = ask.Follows?.Id;
        Node = ask.Parent;
    }

    public Steers Steers { get; } = new();

    /// <summary>The newest response that can be continued; the parent as long as there is none.</summary>
    public ChainNode? Node { get; private set; }

    /// <summary>How the newest response ended.</summary>
    public ResponseView? Ended { get; private set; }
    public IReadOnlyList<Protocol.Items.Item> Output => _progress.Output;
    public string? ResponseId => _progress.ResponseId ?? _followed;
    public long BytesSent => _way.BytesSent;
    public long BytesReceived { get; private set; }
    public int Resends => _way.Resends;

    /// <summary>Whether a response was made that can be continued.</summary>
    public bool HasAdvanced => Node != _ask.Parent;
    private long Last => _progress.ResponseId is null && _ask.Follows is { } follows ? follows.Last : _progress.Last;

    /// <summary>The next event; null behind the last one.</summary>
    public async ValueTask<TurnEvent?> NextAsync()
    {
        while (true)
        {
            if (_ready.TryDequeue(out var ready)) return Deliver(ready);
            if (_isOver) return null;
            try
            {
                _source ??= _findsGone is { } gone ? await _way.FindAsync(ResponseId!, gone) // :: 4
                    : await _way.OpenAsync(ResponseId, Last); // :: 1, 3
                if (_source.Whole is { } whole) await TakeAsync(whole);
                else if (await ReadAsync() is { } e) return Deliver(e);
            }
            catch (LinkLostException lost)
            {
                await LeaveAsync();
                if (_isSteered && Ended?.IncompleteReason != "steered") // words that waited are gone with their socket
                {
                    Finish();
                    continue;
                }
                if (lost.TookNothing) _way.Refused();
                await _attempts.AfterLossAsync(lost, ResponseId, _way.MayRun, _way.LinkHasSpoken, _caller);
            }
            catch (ResponsesException refused) when (!refused.IsFinal)
            {
                await LeaveAsync();
                await RefusedAsync(refused);
            }
        }
    }

    public bool IsSteerable => !_isOver && ResponseId is not null && _source is SocketTurn;

    /// <summary>Says something while the response is being made.</summary>
    public async Task SteerAsync(IReadOnlyList<RawJson> input, CancellationToken steering)
    {
        if (!IsSteerable || ResponseId is not { } id || _source is not SocketTurn { Keeper: SocketLink socket })
            throw new ResponsesException(ResponsesErrorKind.InvalidRequest, "Only a response on a WebSocket that has begun can be steered.")
            { Code = "response_not_active" };
        var answer = Steers.Begin(input);
        var frame = Frames.Steer(id, input);
        _way.BytesSent += frame.Length;
        try { await socket.SendAsync(frame, steering); }
        catch (LinkLostException) { Steers.Drop("The connection is lost.", isOver: false); }
        try { await answer.WaitAsync(_options.SteerTimeMax, _options.Time, steering); }
        catch (TimeoutException late)
        {
            throw new ResponsesException(ResponsesErrorKind.Lost, "The server did not say in time whether it takes the words.", late)
            { ResponseId = id };
        }
    }

    /// <summary>Asks the server to end it; its last event says that it did.</summary>
    public async Task CancelAsync(CancellationToken cancelling)
    {
        _isCancelled = true;
        if (_source is not SocketTurn { Keeper: SocketLink socket } turn)
        {
            if (_ask.Request.Background && ResponseId is { } id) await _links.HttpAsync(http => http.CancelAsync(id, cancelling));
            return;
        }
        try { await socket.CancelAsync(turn.Lane, cancelling); }
        catch (LinkLostException lost)
        {
            throw new ResponsesException(ResponsesErrorKind.Lost, lost.Message, lost) { ResponseId = ResponseId };
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        Steers.Drop("The turn was left.", isOver: true);
        await LeaveAsync();
    }

    // :: 2
    private async ValueTask<TurnEvent?> ReadAsync()
    {
        var view = await _source!.NextAsync(_caller) ?? throw new LinkLostException("The stream ended before the response did.");
        BytesReceived += view.Json.Utf8.Length;
        if (view.Type == "error") return Refusal(view.Error!);
        if (_isSteered && view.Type == "response.created" && view.Response?.Id?.Value != ResponseId) Follow();
        if (view.Type.StartsWith("response.steer.", StringComparison.Ordinal) && view.Type != "response.steer.accepted")
            return TurnEvents.Of(view);
        if (!_progress.Note(view, _source.CanResume)) return null;
        _attempts.Succeeded();
        _way.Accepted();
        if (view.Type == "response.failed" && IsUndone(view.Response)) throw _way.Gone(ResponseId!, isKnownGone: true);
        if (view is not { Type: "response.completed" or "response.incomplete", Response: { } whole }) return TurnEvents.Of(view);
        if (_ask.Follows is null) // else what lay before its number was seen by somebody else
            foreach (var unseen in _progress.Unseen(whole)) _ready.Enqueue(unseen);
        _ready.Enqueue(TurnEvents.Of(view));
        return null;
    }

    /// <summary>An error event: of the turn, or of words that steer a server that has no such thing.</summary>
    private TurnEvent.SteerFailed? Refusal(EventError error)
    {
        if (_progress.ResponseId is not null && error.Code == "unknown_event_type" && Steers.AreOpen
            && _source is SocketTurn { IsEnded: false })
            return new TurnEvent.SteerFailed(null, error.Code, error.Message) { Type = "error" };
        if (error.Code == "node_lost" && ResponseId is { } lost) throw _way.Gone(lost, isKnownGone: true);
        var isAboutEvents = error.Code is "response_not_found" or "response_events_expired" or "unknown_event_type";
        var isAboutResume = _source is SocketTurn { IsResume: true, IsAtFirst: true }; // the response itself may well go on
        throw Faults.Of(error, responseId: ResponseId, isFinal: _progress.ResponseId is not null && !isAboutEvents && !isAboutResume);
    }

    /// <summary>The response that follows one that was steered begins, by itself.</summary>
    private void Follow()
    {
        _way.Follow(Node, Steers.Applied());
        (_progress, _isSteered, _followed, Ended) = (new TurnProgress(), false, null, null);
    }

    /// <summary>Whether the server stopped it for want of a reader, or of itself: nobody asked for that.</summary>
    private bool IsUndone(ResponseView? failed) => !_isCancelled && failed?.Error?.Code switch
    {
        "server_is_stopping" or "server_restart" or "node_lost" => true,
        "response_cancelled" => _attempts.WasCut,
        _ => false,
    };

    /// <summary>A response that came whole; one that is still being made is read on by its name.</summary>
    private async Task TakeAsync(ResponseView whole)
    {
        _way.Accepted();
        if (whole.Status is ResponseStatus.Queued or ResponseStatus.InProgress && _followed is null)
        {
            _followed = whole.Id?.Value;
            await LeaveAsync();
            return;
        }
        foreach (var e in _progress.Missing(whole)) _ready.Enqueue(e);
    }

    private TurnEvent Deliver(TurnEvent e)
    {
        Steers.Note(e);
        switch (e)
        {
            case TurnEvent.Completed completed: End(completed.Response, canContinue: true); break;
            case TurnEvent.Incomplete incomplete: End(incomplete.Response, canContinue: true); break;
            case TurnEvent.Failed failed: End(failed.Response, canContinue: false); break;
            case TurnEvent.SteerPending or TurnEvent.SteerFailed when Ended is { IncompleteReason: not "steered" } && !Steers.AreOpen:
                Finish();
                break;
        }
        return e;
    }

    private void End(ResponseView response, bool canContinue)
    {
        Ended = response;
        var id = response.Id?.Value ?? ResponseId;
        if (canContinue && id is not null)
            Node = ChainNode.After(_way.Parent, [.. _way.Before, .. _way.Input], Output.Count > 0 ? Output : response.Output, id,
                _ask.Request.Settings(), _source?.Keeper,
                _options.HistoryBytesMax, isKnown: _ask is { Follows: null, Request.Conversation: null });
        var follows = response.IncompleteReason == "steered" || Steers.AreOpen && canContinue;
        if (follows && _source is SocketTurn) _isSteered = true;
        else Finish();
    }

    private void Finish()
    {
        _isOver = true;
        Steers.Drop("The response is over.", isOver: true);
    }

    private async Task RefusedAsync(ResponsesException refused)
    {
        var isBegun = ResponseId is not null;
        if (isBegun && refused.Code is "response_not_found" or "response_events_expired" or "unknown_event_type")
            _findsGone = refused.Code == "response_not_found";
        else if (refused.IsGone) Restart(refused);
        else if (!isBegun && _way.TrySendWhole(refused)) { }
        else if (refused.IsLaneRefused && !isBegun && _way.TryLeaveLane()) { }
        else if (refused.IsParentLost && _way.Parent is { IsWhole: false }) throw refused.Forgotten(_options.HistoryBytesMax);
        else
        {
            if (!isBegun) _way.Refused();
            await _attempts.AfterRefusalAsync(refused, _caller);
        }
    }

    // :: 5
    private void Restart(ResponsesException gone)
    {
        if (_ask.Follows is not null || !_attempts.TryRestart()) throw gone;
        if (_isSteered && Ended is { IncompleteReason: "steered" }) Follow(); // that one was told to its end: what follows is lost
        var lost = _progress.ResponseId;
        (_progress, _followed, _findsGone) = (new TurnProgress(), null, null);
        _way.Renew();
        if (lost is not null) _ready.Enqueue(new TurnEvent.Restarted(lost) { Type = "restarted" });
    }

    private async ValueTask LeaveAsync()
    {
        if (_source is { } source) await source.DisposeAsync();
        _source = null;
    }
}
