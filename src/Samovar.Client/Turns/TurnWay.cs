using Samovar.Client.Errors;
using Samovar.Client.History;
using Samovar.Client.Settings;
using Samovar.Client.Transports;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Turns;

/// <summary>How one turn is asked for, and asked for again: over which link, under which name, with how much of what was said.</summary>
internal sealed class TurnWay(Links links, ResponsesOptions options, TurnAsk ask, Attempts attempts, CancellationToken caller)
{
    private string _key = "turn_" + options.Ids.Next();
    private bool _isWhole, _followsOnSocket, _mayHaveNoChains;
    private (SocketLink Socket, WireLane Lane)? _sentOn;
    private SocketLink? _link;

    /// <summary>What the turn continues.</summary>
    public ChainNode? Parent { get; private set; } = ask.Parent;

    /// <summary>What it says to that, and before it what the server has already: the caller's, or words that steered.</summary>
    public IReadOnlyList<RawJson> Input { get; private set; } = ask.Request.Input;
    public IReadOnlyList<RawJson> Before { get; private set; } = ask.Before;

    /// <summary>Whether something was sent of which nobody has said that it began nothing.</summary>
    public bool MayRun { get; private set; }
    public long BytesSent { get; set; }

    /// <summary>How often the whole conversation was sent because the server had lost it.</summary>
    public int Resends { get; private set; }

    /// <summary>Whether anything came over the newest link, for whichever turn.</summary>
    public bool LinkHasSpoken => _link is { HasSpoken: true };

    /// <summary>Opens what the turn's events come from.</summary>
    /// <param name="id">Its response, once it is known.</param>
    /// <param name="last">The number behind which events are wanted.</param>
    public async Task<EventSource> OpenAsync(string? id, long last)
    {
        _link = null;
        if (ask.Request.Background || ask.Follows is not null && !_followsOnSocket) return await OpenHttpAsync(id, last);
        var socket = await links.SocketAsync(caller);
        if (socket is not null) attempts.Linked();
        return socket is null ? await OpenHttpAsync(id, last) : await OpenSocketAsync(socket, id, last);
    }

    /// <summary>Where the parent is not there everything is sent, under a new name. False where that is not possible, or it is
    /// there.</summary>
    public bool TrySendWhole(ResponsesException refused)
    {
        if (_isWhole || Parent is not { IsWhole: true } || !Faults.IsParentLost(refused, Parent.ResponseId)) return false;
        _mayHaveNoChains = Faults.SaysNoChains(refused);
        (_isWhole, Resends) = (true, Resends + 1);
        Renew();
        return true;
    }

    /// <summary>The server goes on by itself: from here on the turn is the response that follows <paramref name="parent"/>.</summary>
    public void Follow(ChainNode? parent, IReadOnlyList<RawJson> input) => (Parent, Input, Before, _isWhole) = (parent, input, [], false);

    /// <summary>What was asked for so far began nothing, or nothing that is left.</summary>
    public void Renew() => (_key, MayRun) = ("turn_" + options.Ids.Next(), false);

    /// <summary>The request was refused: it can be sent again as it is.</summary>
    public void Refused() => (MayRun, _mayHaveNoChains) = (false, false);

    /// <summary>The server answers. One that takes everything, and has refused what goes on from a response, knows no such thing.</summary>
    public void Accepted()
    {
        if (_mayHaveNoChains) links.HasNoChains = true;
        _mayHaveNoChains = false;
    }

    /// <summary>The lane was refused: the turn waits for the default one. False where that is the one it was on.</summary>
    public bool TryLeaveLane()
    {
        if (_sentOn is not ({ } socket, { Name: not null })) return false;
        links.RefuseNames(socket);
        Refused();
        return true;
    }

    private async Task<EventSource> OpenSocketAsync(SocketLink socket, string? id, long last)
    {
        _link = socket;
        if (!socket.CanResume)
        {
            if (id is not null) return await FindAsync(id, isKnownGone: false);
            CheckIsNotLost();
        }
        var turn = await socket.TakeAsync(ask.Owner, caller);
        try
        {
            if (NotOnSocket(socket)) _isWhole = true;
            var frame = FrameFor(socket, turn.Lane, id, last);
            Frames.Check(frame, options);
            (turn.IsResume, turn.IsBegun, turn.FrameBytes) = (id is not null, true, frame.Length);
            (BytesSent, MayRun, _sentOn) = (BytesSent + frame.Length, true, (socket, turn.Lane));
            await socket.SendAsync(frame, caller);
            return turn;
        }
        catch (LinkLostException) when (turn.Refusal is not null)
        {
            await turn.DisposeAsync();
            throw turn.Refusal;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether the parent was in another socket's memory alone, of a server that keeps nothing beyond.</summary>
    private bool NotOnSocket(SocketLink socket) =>
        !socket.CanResume && Parent is { IsStored: false, IsWhole: true } && Parent.Link != socket;

    private byte[] FrameFor(SocketLink socket, WireLane lane, string? id, long last)
    {
        if (id is not null) return Frames.Resume(id, last, lane.Name);
        var wanted = Ask(socket.CanResume ? _key : null, lane.Name);
        return socket.TakesOverSettings && Frames.CanBeBare(wanted) ? Frames.Bare(wanted, lane.Newest) : Frames.Create(wanted);
    }

    private async Task<EventSource> OpenHttpAsync(string? id, long last)
    {
        if (id is not null)
            return ask.Request.Background || ask.Follows is not null ? await FollowAsync(id, last)
                : await FindAsync(id, isKnownGone: false);
        CheckIsNotLost();
        _isWhole |= Parent is { IsWhole: true } parent && (links.HasNoChains || !parent.IsStored);
        var body = Frames.Post(Ask(null, null), streams: true);
        Frames.Check(body, options);
        (BytesSent, MayRun) = (BytesSent + body.Length, true);
        try
        {
            return await links.Http.PostAsync(body, _key, ask.Request.Background, caller);
        }
        catch (ResponsesException refused) when (refused.IsForeign)
        {
            links.AskAgain();
            throw;
        }
    }

    private async Task<EventSource> FollowAsync(string id, long last)
    {
        try
        {
            return await links.Http.FollowAsync(id, last, caller);
        }
        catch (ResponsesException refused) when (refused.Kind is ResponsesErrorKind.InvalidRequest or ResponsesErrorKind.NotFound)
        {
            if (ask.Follows is null || _followsOnSocket || links.HasNoSocket)
                return await FindAsync(id, isKnownGone: refused.Kind == ResponsesErrorKind.NotFound);
            _followsOnSocket = true; // it may be one that was begun there
            return await OpenAsync(id, last);
        }
    }

    /// <summary>The response as it ended, however long that takes.</summary>
    /// <param name="isKnownGone">The server says that no such turn is running.</param>
    public async Task<EventSource> FindAsync(string id, bool isKnownGone)
    {
        for (var polls = 0; polls < options.PollsMax; polls++)
        {
            if (polls > 0) await attempts.PauseAsync(options.PollInterval, caller);
            var found = await LookAsync(id);
            if (found is { Status: not (ResponseStatus.Queued or ResponseStatus.InProgress) }) return new WholeAnswer(found);
            if (found is null) throw Gone(id, isKnownGone);
        }
        throw new ResponsesException(ResponsesErrorKind.Lost, $"The response did not end within {options.PollsMax} looks at it.")
        { ResponseId = id };
    }

    /// <summary>One look. A server that has no such request says nothing of the turn, whose link is lost all the same.</summary>
    private async Task<ResponseView?> LookAsync(string id)
    {
        try
        {
            return await links.Http.GetAsync(id, caller);
        }
        catch (ResponsesException refused) when (ask.Follows is null && refused.Kind is (ResponsesErrorKind.InvalidRequest
            or ResponsesErrorKind.NotFound or ResponsesErrorKind.Server or ResponsesErrorKind.Unreadable))
        {
            throw new ResponsesException(ResponsesErrorKind.Lost,
                $"The link was lost, and the server cannot be asked for the response {id}: {refused.Message}", refused)
            { ResponseId = id, Status = refused.Status, IsGone = options.RunsLostTurnsAgain };
        }
    }

    public ResponsesException Gone(string id, bool isKnownGone) =>
        new(ResponsesErrorKind.Lost, $"The server does not have the response {id} any more.")
        { ResponseId = id, IsGone = isKnownGone || options.RunsLostTurnsAgain };

    private void CheckIsNotLost()
    {
        if (MayRun && !options.RunsLostTurnsAgain)
            throw new ResponsesException(ResponsesErrorKind.Lost,
                "The link was lost behind the request, and this server cannot be asked what became of it.");
    }

    private Frames.Ask Ask(string? key, string? lane) =>
        new(ask.Request with { Input = Input }, Parent, _isWhole, Before, key, lane) { WarmsUp = ask.WarmsUp };
}
