using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Sessions;

namespace Samovar.Server.WebSockets;

/// <summary>One WebSocket from its upgrade to its end: reads frames into the session, relays each turn's events in its lane's
/// order.</summary>
/// <remarks>
/// 1 read until the client closes, vanishes, sends too much or too slowly, the connection reaches its age, or the server closes;
/// 2 let running turns end where there is time for it (age); 3 end the session, which stops what still generates;
/// 4 write what is left and the last word; 5 close, and wait for the client's close.
/// An idle connection is a read that waits, and no more: what only replies need is made with the first one.
/// </remarks>
internal sealed partial class SocketConnection(WebSocket socket, ClientFrames frames, Session session, FrameIntake intake,
    SocketClock clock, SocketOptions options, ILogger logger)
{
    private const int FramesAtOnceMax = 64;
    private readonly Lock _gate = new();
    private MessageReader? _reader;
    private readonly FrameWriter _writer = new(socket, frames, options, clock.Time);
    private volatile LaneRelay? _lanes;
    private volatile bool _takesFrames = true;
    private Task<Ending> _reading = Task.FromResult(Ending.ClientGone);
    private Task? _ended;

    /// <summary>Reads until the end, and ends.</summary>
    public async Task RunAsync(OpenSockets open)
    {
        _reader = new MessageReader(socket, options, session.Claim, clock.Time, () => End(Ending.TooSlow)) { Begun = intake.Begun };
        _reading = ReadAsync(_reader); // :: 1
        var place = open.Add(End, session.OpenedAt);
        try
        {
            End(await _reading);
            await _ended!;
        }
        finally
        {
            open.Remove(place);
            session.ReleaseLogs();
        }
    }

    /// <summary>Begins the end, where nothing has begun it before; <see cref="RunAsync"/> waits for it.</summary>
    public void End(Ending ending)
    {
        lock (_gate) _ended ??= EndAsync(ending);
    }

    private async Task EndAsync(Ending ending)
    {
        await Task.Yield(); // the lock is not held from here on
        Log.Ending(logger, ending);
        if (ending == Ending.Aged) await TryAsync(LetTurnsEndAsync); // :: 2
        _takesFrames = false;
        await TryAsync(() => session.DisposeAsync().AsTask()); // :: 3
        if (ending is Ending.ClientGone or Ending.ClientClosed) _lanes?.Cancel(); // cancelling a send takes the close frame with it
        await TryAsync(() => CloseAsync(ending)); // :: 4-5
        if (_lanes is not { } lanes) return;
        lanes.Cancel();
        await TryAsync(lanes.EndAsync);
        lanes.Dispose();
    }

    /// <summary>One step of an end: the others must come even if it breaks.</summary>
    private async Task TryAsync(Func<Task> step)
    {
        try { await step(); }
        catch (Exception exception) { Log.Broke(logger, exception); } // the socket edge
    }

    private async Task<Ending> ReadAsync(MessageReader reader)
    {
        try
        {
            for (var atOnce = 0; ; atOnce++)
            {
                if (atOnce == FramesAtOnceMax)
                {
                    atOnce = 0;
                    await Task.Yield(); // others have their turn, however much a client sends at once
                }
                var reading = reader.ReadAsync(CancellationToken.None);
                if (!reading.IsCompleted) atOnce = 0;
                var incoming = await reading;
                if (incoming is Incoming.TooLong || incoming is Incoming.Closed && frames.IsTooLong) return Ending.TooLong;
                if (incoming is Incoming.Closed) return Ending.ClientClosed;
                if (!_takesFrames) (incoming as Incoming.Message)?.Claim.Dispose();
                else if (intake.Take(session, incoming) is { } reply)
                {
                    await AnswerAsync(reply);
                    if (reply is Reply.Error { EndsConnection: true }) return Ending.Refused;
                }
            }
        }
        catch (Exception exception) when (SocketFaults.IsGone(exception))
        {
            Log.Gone(logger, exception.Message);
            return exception is WebSocketException && frames.IsOpen ? Ending.BrokenFrame : Ending.ClientGone;
        }
        catch (Exception exception) // the socket edge
        {
            Log.Broke(logger, exception);
            return Ending.Broken;
        }
    }

    /// <summary>The reply is in its line before its turn begins: whoever ends the connection waits for it.</summary>
    private async ValueTask AnswerAsync(Reply reply)
    {
        try { await (_lanes ??= new LaneRelay(_writer, options.RepliesPendingMax, logger)).AddAsync(reply); }
        finally { (reply as Reply.Turn)?.Running.Begin(); }
    }

    private async Task LetTurnsEndAsync()
    {
        if (_lanes is not { } lanes) return;
        try { await Task.WhenAny(lanes.IdleAsync(), _reading).WaitAsync(options.AgeGraceMax, clock.Time); }
        catch (TimeoutException) { /* they had their time */ }
    }

    private async Task CloseAsync(Ending ending)
    {
        try
        {
            if (_lanes is { } lanes) await lanes.EndAsync().WaitAsync(options.CloseTimeMax, clock.Time);
            if (ending == Ending.ClientGone) return;
            if (ending == Ending.BrokenFrame)
            {
                await CloseBrokenAsync();
                return;
            }
            if (LastWord(ending) is { } error)
                await _writer.WriteAsync(FrameText.Error(error, LaneId.Default), CancellationToken.None)
                    .WaitAsync(options.CloseTimeMax, clock.Time);
            await socket.CloseOutputAsync(Status(ending), Reason(ending), CancellationToken.None)
                .WaitAsync(options.CloseTimeMax, clock.Time);
            if (ending == Ending.ClientClosed) return;
            var clientsClose = frames.IsTooLong ? frames.DrainAsync(CancellationToken.None)
                : _reading.IsCompleted ? _reader!.DrainAsync(CancellationToken.None) : _reading;
            await clientsClose.WaitAsync(options.CloseTimeMax, clock.Time);
        }
        catch (Exception exception) when (SocketFaults.IsGone(exception))
        {
            Log.Gone(logger, exception.Message);
        }
        finally
        {
            if (socket.State != WebSocketState.Closed) socket.Abort();
            await _reading;
        }
    }

    /// <summary>The WebSocket has said what was wrong with a frame, except where it could not inflate one.</summary>
    private async Task CloseBrokenAsync()
    {
        if (!frames.IsClosing)
            await frames.WriteCloseAsync(WebSocketCloseStatus.InvalidPayloadData, "invalid compressed data")
                .WaitAsync(options.CloseTimeMax, clock.Time);
        await frames.DrainAsync(CancellationToken.None).WaitAsync(options.CloseTimeMax, clock.Time);
    }

    private ApiException? LastWord(Ending ending) => ending switch
    {
        Ending.TooLong => new ApiException(Errors.RequestTooLarge, ["too many", options.MessageBytesMax]),
        Ending.TooSlow => new ApiException(Errors.RequestTooSlow, options.MessageTimeMax),
        Ending.Aged => new ApiException(Errors.ConnectionLimit, clock.AgeMax),
        _ => null,
    };

    private static WebSocketCloseStatus Status(Ending ending) => ending switch
    {
        Ending.TooLong => WebSocketCloseStatus.MessageTooBig,
        Ending.Broken => WebSocketCloseStatus.InternalServerError,
        Ending.TooSlow or Ending.Refused => WebSocketCloseStatus.PolicyViolation,
        Ending.Aged or Ending.ServerCloses => WebSocketCloseStatus.EndpointUnavailable,
        _ => WebSocketCloseStatus.NormalClosure,
    };

    private static string? Reason(Ending ending) => ending switch
    {
        Ending.TooLong => "message too big",
        Ending.Broken => "the server failed",
        Ending.TooSlow => "message took too long",
        Ending.Refused => "invalid event",
        Ending.Aged => "connection limit reached",
        Ending.ServerCloses => "server is shutting down",
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(8201, LogLevel.Debug, "Socket ends: {Ending}")]
        public static partial void Ending(ILogger logger, Ending ending);

        [LoggerMessage(8206, LogLevel.Error, "A socket failed")]
        public static partial void Broke(ILogger logger, Exception exception);

        [LoggerMessage(8202, LogLevel.Debug, "Socket is gone: {Reason}")]
        public static partial void Gone(ILogger logger, string reason);
    }
}
