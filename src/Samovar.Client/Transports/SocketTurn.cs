using System.Threading.Channels;
using Samovar.Client.Errors;
using Samovar.Client.Settings;
using Samovar.Protocol.Events;

namespace Samovar.Client.Transports;

/// <summary>One of a socket's lanes, as the server knows it.</summary>
/// <param name="name">Null: the default one.</param>
internal sealed class WireLane(string? name)
{
    public string? Name => name;

    /// <summary>Whose turns it had last: a conversation comes back to its own.</summary>
    public object? Owner { get; set; }

    /// <summary>The newest response here that can be continued without being named.</summary>
    public string? Newest { get; set; }
    public long UsedAt { get; set; }
}

/// <summary>A lane while it has one turn: the events that the socket's loop routes to it, in a bounded channel.</summary>
internal sealed class SocketTurn : EventSource
{
    private readonly Channel<EventView> _events;
    private readonly Func<SocketTurn, ValueTask> _leave;
    private readonly object _link;
    private readonly bool _canResume;
    private readonly ResponsesOptions _options;
    private volatile bool _isLeft;
    private long _read;

    public SocketTurn(
        WireLane lane, object link, bool canResume, Func<SocketTurn, ValueTask> leave, ResponsesOptions options)
    {
        (Lane, _link, _canResume, _leave, _options) = (lane, link, canResume, leave, options);
        _events = Channel.CreateBounded<EventView>(new BoundedChannelOptions(options.EventsWaitingMax) { SingleWriter = true });
    }

    public WireLane Lane { get; }

    /// <summary>The response that its events are about; set by the socket's loop.</summary>
    public string? ResponseId { get; private set; }

    /// <summary>Whether nothing of it is running any more.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Whether it asks for the events of a response that has begun already.</summary>
    public bool IsResume { get; set; }

    /// <summary>Whether what was read last is the first that came for it.</summary>
    public bool IsAtFirst => _read == 1;

    /// <summary>Whether anything was sent for it.</summary>
    public bool IsBegun { get; set; }

    /// <summary>Bytes that were sent for it.</summary>
    public int FrameBytes { get; set; }

    /// <summary>Why it has no answer, where the server closed the connection because of it; set by the socket's loop.</summary>
    public ResponsesException? Refusal { get; set; }

    /// <summary>Whether the server has said anything of it.</summary>
    public bool HasAnswer { get; set; }

    /// <summary>Whether it was steered, and the response that follows has not begun.</summary>
    public bool AwaitsSuccessor { get; private set; }

    /// <summary>Whether nothing came of it for too long, whatever came of others.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Whether nobody reads it any more.</summary>
    public bool IsLeft => _isLeft;
    public override bool CanResume => _canResume;
    public override object? Keeper => _link;

    /// <summary>Takes an event in; waits where the reader is behind, and forgets it where he has left.</summary>
    public ValueTask TakeAsync(EventView e, CancellationToken linkGone)
    {
        ResponseId = e.Response?.Id?.Value ?? ResponseId;
        var isAboutAnother = e.Error?.Code == "unknown_event_type" && ResponseId is not null;
        if (e.IsTerminal && !isAboutAnother)
        {
            Lane.Newest = e.Type == "response.failed" ? null : e.Type == "error" ? Lane.Newest : e.Response?.Id?.Value;
            AwaitsSuccessor = e.Response?.IncompleteReason == "steered";
            IsEnded = !AwaitsSuccessor;
        }
        else if (e.Type == "response.created") IsEnded = AwaitsSuccessor = false;
        if (_isLeft || _events.Writer.TryWrite(e)) return ValueTask.CompletedTask;
        return _events.Writer.WriteAsync(e, linkGone);
    }

    /// <summary>The server says that it will not begin it.</summary>
    public void EndsUnanswered() => IsEnded = true;

    /// <summary>The server takes no message that is as long.</summary>
    public void RefuseLength() => Lose(Refusal = new ResponsesException(ResponsesErrorKind.TooLarge,
        $"The request has {FrameBytes} bytes, more than the server takes in one message.") { Code = Faults.RequestTooLarge });

    public void Lose(Exception cause) => _events.Writer.TryComplete(cause);

    public override async ValueTask<EventView?> NextAsync(CancellationToken caller)
    {
        if (!_events.Reader.TryRead(out var e))
        {
            using var silence = new Silence(_options.SilenceMax, _options.Time, caller); // counts while somebody waits, not while he works
            try
            {
                if (!await _events.Reader.WaitToReadAsync(silence.Token)) return null;
            }
            catch (OperationCanceledException) when (silence.IsTooLong)
            {
                IsSilent = true;
                throw new LinkLostException("Nothing came for too long.") { IsSilence = true };
            }
            catch (OperationCanceledException) when (caller.IsCancellationRequested)
            {
                throw new OperationCanceledException(caller);
            }
            if (!_events.Reader.TryRead(out e)) return null;
        }
        _read++;
        return e;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_isLeft) return;
        _isLeft = true;
        while (_events.Reader.TryRead(out _)) { } // the loop may wait for room
        await _leave(this);
    }
}
