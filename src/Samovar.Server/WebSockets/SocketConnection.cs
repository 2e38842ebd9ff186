using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Sessions;

namespace Samovar.Server.WebSockets;

/// <summary>One WebSocket from its upgrade to its end: reads frames into the session, relays each turn's events in its lane's
/// order.</summary>
/// <remarks>
/// 1 read until the client closes, vanishes, sends too much, the connection reaches its age, or the server closes;
/// 2 let running turns end where there is time for it (age); 3 end the session, which stops what still generates;
/// 4 write what is queued and the last word; 5 close, and wait for the client's close.
/// </remarks>
internal sealed partial class SocketConnection(WebSocket socket, Session session, FrameIntake intake, SocketClock clock,
    SocketOptions options, ILogger logger)
    : IDisposable
{
    private readonly MessageReader _reader = new(socket, options.MessageBytesMax);
    private readonly FrameWriter _writer = new(socket, options, clock.Time);
    private readonly TaskCompletionSource<Ending> _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ends = new();
    private volatile bool _takesFrames = true;

    /// <summary>Why a connection ends; the first reason counts.</summary>
    private enum Ending { ClientClosed, ClientGone, TooLong, Aged, ServerCloses }

    public async Task RunAsync(CancellationToken serverCloses)
    {
        using var lanes = new LaneRelay(_writer, options.RepliesPendingMax, logger, _ends.Token);
        using var age = clock.Time.CreateTimer(_ => _ending.TrySetResult(Ending.Aged), null, clock.AgeMax, Timeout.InfiniteTimeSpan);
        await using var closing = serverCloses.Register(() => _ending.TrySetResult(Ending.ServerCloses));
        var writing = WriteAsync();
        var reading = ReadAsync(lanes); // :: 1
        var ending = await _ending.Task;
        Log.Ending(logger, ending.ToString());
        if (ending == Ending.Aged) await Task.WhenAny(lanes.IdleAsync(), reading, clock.Delay(options.AgeGraceMax, _ends.Token)); // :: 2
        _takesFrames = false;
        await session.DisposeAsync(); // :: 3
        if (ending is Ending.ClientGone or Ending.ClientClosed) await _ends.CancelAsync();
        await lanes.EndAsync();
        await CloseAsync(ending, writing, reading); // :: 4-5
        await _ends.CancelAsync();
    }

    public void Dispose() => _ends.Dispose();

    private async Task<bool> WriteAsync()
    {
        var isWhole = await _writer.RunAsync();
        if (!isWhole) _ending.TrySetResult(Ending.ClientGone);
        return isWhole;
    }

    private async Task ReadAsync(LaneRelay lanes)
    {
        var ending = Ending.ClientGone;
        try
        {
            while (true)
            {
                var incoming = await _reader.ReadAsync(CancellationToken.None);
                if (incoming is not Incoming.Message message)
                {
                    ending = incoming is Incoming.TooLong ? Ending.TooLong : Ending.ClientClosed;
                    break;
                }
                if (_takesFrames) await lanes.AddAsync(intake.Take(session, message.Utf8));
            }
        }
        catch (Exception exception) when (SocketFaults.IsGone(exception))
        {
            Log.Gone(logger, exception.Message);
        }
        finally
        {
            _ending.TrySetResult(ending);
        }
    }

    private async Task CloseAsync(Ending ending, Task<bool> writing, Task reading)
    {
        try
        {
            if (LastWord(ending) is { } error)
                await _writer.WriteAsync(FrameText.Error(error, LaneId.Default), CancellationToken.None)
                    .AsTask().WaitAsync(options.CloseTimeMax, clock.Time);
            _writer.Complete();
            if (!await writing.WaitAsync(options.CloseTimeMax, clock.Time) || ending == Ending.ClientGone) return;
            await socket.CloseOutputAsync(Status(ending), Reason(ending), CancellationToken.None)
                .WaitAsync(options.CloseTimeMax, clock.Time);
            if (ending == Ending.ClientClosed) return;
            var clientsClose = reading.IsCompleted ? _reader.DrainAsync(CancellationToken.None) : reading;
            await clientsClose.WaitAsync(options.CloseTimeMax, clock.Time);
        }
        catch (Exception exception) when (SocketFaults.IsGone(exception))
        {
            Log.Gone(logger, exception.Message);
        }
        finally
        {
            _writer.Complete();
            if (socket.State != WebSocketState.Closed) socket.Abort();
            await reading;
        }
    }

    private ApiException? LastWord(Ending ending) => ending switch
    {
        Ending.TooLong => new ApiException(Errors.RequestTooLarge, ["too many", options.MessageBytesMax]),
        Ending.Aged => new ApiException(Errors.ConnectionLimit, (int)clock.AgeMax.TotalMinutes),
        _ => null,
    };

    private static WebSocketCloseStatus Status(Ending ending) => ending switch
    {
        Ending.TooLong => WebSocketCloseStatus.MessageTooBig,
        Ending.Aged or Ending.ServerCloses => WebSocketCloseStatus.EndpointUnavailable,
        _ => WebSocketCloseStatus.NormalClosure,
    };

    private static string? Reason(Ending ending) => ending switch
    {
        Ending.TooLong => "message too big",
        Ending.Aged => "connection limit reached",
        Ending.ServerCloses => "server is shutting down",
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(8201, LogLevel.Debug, "Socket ends: {Ending}")]
        public static partial void Ending(ILogger logger, string ending);

        [LoggerMessage(8202, LogLevel.Debug, "Socket is gone: {Reason}")]
        public static partial void Gone(ILogger logger, string reason);
    }
}

/// <summary>A connection's clock and how old it may become.</summary>
internal sealed record SocketClock(TimeProvider Time, TimeSpan AgeMax)
{
    public async Task Delay(TimeSpan delay, CancellationToken socketEnds)
    {
        try { await Task.Delay(delay, Time, socketEnds); }
        catch (OperationCanceledException) { /* the connection ended first */ }
    }
}
