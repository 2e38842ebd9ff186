using System.Runtime.CompilerServices;
using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.History;
using Samovar.Client.Requests;
using Samovar.Client.Turns;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Client;

/// <summary>
/// A conversation: its turns run one after the other, each continuing the one before; those of other lanes run beside them.
/// </summary>
#pragma warning disable CA1001 // a semaphore without a wait handle holds nothing; a lane is just let go
public sealed class ResponsesLane
#pragma warning restore CA1001
{
    private readonly TurnPlaces _places;
    private readonly SemaphoreSlim _turn = new(1);
    private IReadOnlyList<RawJson> _before = []; // words of the user that the server has behind the newest response
    private ChainNode? _node;
    private volatile TurnRun? _run;

    internal ResponsesLane(TurnPlaces places, ChainNode? from) => (_places, _node) = (places, from);

    /// <summary>The newest response; what the next turn continues. Null: nothing was said yet.</summary>
    public string? NewestId => _node?.ResponseId;

    /// <summary>The newest response that this lane made.</summary>
    public ResponseResult? Newest { get; private set; }

    /// <summary>Bytes of all its turns' requests, and of their events, over all links.</summary>
    public long BytesSent { get; private set; }
    public long BytesReceived { get; private set; }

    /// <summary>Whether a response is being made that can be steered.</summary>
    public bool IsSteerable => _run?.IsSteerable == true;

    /// <summary>A second lane that goes on from here. What is not stored should be forked before this lane goes on: else everything is
    /// sent once.</summary>
    public ResponsesLane Fork() => new(_places, _node) { Newest = Newest, _before = _before };

    /// <summary>One turn as it happens. Who stops reading ends it.</summary>
    /// <exception cref="ResponsesException">It was refused, or cannot be finished.</exception>
    public IAsyncEnumerable<TurnEvent> StreamAsync(ResponseRequest request, CancellationToken caller = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return StreamAsync(request, warmsUp: false, new Made(), caller);
    }

    /// <summary>One turn to its end.</summary>
    /// <exception cref="ResponsesException">It was refused, failed, or cannot be finished.</exception>
    public Task<ResponseResult> RunAsync(ResponseRequest request, CancellationToken caller = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return EndAsync(request, warmsUp: false, caller);
    }

    /// <summary>Has the server compute the prompt without an answer, so that the next turn begins at once. Null where there is no
    /// WebSocket: plain HTTP has no such thing.</summary>
    public async Task<ResponseResult?> WarmUpAsync(ResponseRequest request, CancellationToken caller = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await _places.Links.SocketNowAsync(caller) is null) return null;
        return await EndAsync(request, warmsUp: true, caller);
    }

    /// <summary>Begins a turn that the server makes by itself, and does not wait for it; the lane stays where it is.</summary>
    /// <returns>The response as it stands, mostly <c>queued</c>; <see cref="ResponsesConnection.FollowAsync"/> and
    /// <see cref="ResponsesConnection.GetAsync"/> tell more.</returns>
    public Task<ResponseView> StartBackgroundAsync(ResponseRequest request, CancellationToken caller = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _places.StartAsync(new TurnAsk(request, this, request.Conversation is null ? _node : null, _before), caller);
    }

    /// <summary>Says something while a response is being made: it ends behind what it is at, and the next one, which knows the words,
    /// follows in the same stream.</summary>
    /// <exception cref="ResponsesException">Nothing is being made, or the server does not take it.</exception>
    public Task SteerAsync(string userText, CancellationToken caller = default) =>
        Running().SteerAsync([InputItems.User(userText)], caller);

    /// <inheritdoc cref="SteerAsync(string, CancellationToken)"/>
    public Task SteerItemsAsync(IReadOnlyList<RawJson> input, CancellationToken caller = default) => Running().SteerAsync(input, caller);

    /// <summary>Asks the server to end the turn that is running; its stream then tells how it ended.</summary>
    public Task CancelAsync(CancellationToken caller = default) => _run?.CancelAsync(caller) ?? Task.CompletedTask;

    private TurnRun Running() => _run ?? throw new ResponsesException(ResponsesErrorKind.InvalidRequest, "No turn is running.")
    { Code = "response_not_active" };

    private async IAsyncEnumerable<TurnEvent> StreamAsync(
        ResponseRequest request, bool warmsUp, Made made, [EnumeratorCancellation] CancellationToken caller)
    {
        await _turn.WaitAsync(caller);
        try
        {
            using var place = await _places.TakeAsync(caller);
            var ask = new TurnAsk(request, this, request.Conversation is null ? _node : null, _before) { WarmsUp = warmsUp };
            await using var run = _places.Begin(ask, place);
            _run = run;
            try
            {
                while (await run.NextAsync() is { } e)
                {
                    if (e.IsTerminal) Keep(run, made);
                    yield return e;
                }
                Keep(run, made);
            }
            finally
            {
                (BytesSent, BytesReceived) = (BytesSent + run.BytesSent, BytesReceived + run.BytesReceived);
            }
        }
        finally
        {
            _run = null;
            _turn.Release();
        }
    }

    private void Keep(TurnRun run, Made made)
    {
        if (run is not { HasAdvanced: true, Ended: { } ended, Node: { } node }) return;
        if (node != _node)
            Newest = new ResponseResult(node, ended, run.Output)
            { BytesSent = run.BytesSent, BytesReceived = run.BytesReceived, Resends = run.Resends };
        (_node, _before) = (node, [.. run.Steers.Pending]);
        made.Result = Newest;
    }

    private async Task<ResponseResult> EndAsync(ResponseRequest request, bool warmsUp, CancellationToken caller)
    {
        var made = new Made();
        TurnEvent? last = null;
        await foreach (var e in StreamAsync(request, warmsUp, made, caller))
            if (e.IsTerminal) last = e;
        if (last is TurnEvent.Failed failed) throw Faults.Of(failed.Response);
        return made.Result ?? throw new ResponsesException(ResponsesErrorKind.Unreadable, "The turn ended without a response.");
    }

    /// <summary>What one turn has made: another's may be the newest by the time its caller looks.</summary>
    private sealed class Made
    {
        public ResponseResult? Result { get; set; }
    }
}
