using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Http;
using Samovar.Gateway.Wire.Sockets;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Responses over WebSocket: delta in, delta out. The chain's pin is a socket that holds its newest response.</summary>
/// <remarks>
/// 1 Claim the chain's socket and send what is new, or rent one and send everything. 2 Read events to the terminal one. 3 Leave the socket
/// with the new response.
/// </remarks>
internal sealed class ResponsesWsDriver(
    UpstreamHttp http, SocketPools pools, UpstreamOptions options, TimeProvider time, IdSource ids) : IUpstreamDriver, IDisposable
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _httpUntil = new(StringComparer.Ordinal);
    private readonly ResponsesHttpDriver _overHttp = new(http, options, ids);

    public async IAsyncEnumerable<BackendEvent> RunAsync(UpstreamCall call, [EnumeratorCancellation] CancellationToken attemptEnded)
    {
        if (call.Turn.Request.MakesNoWords && (call.Turn.Request.Generate || !call.Destination.Dialect.WarmUp))
        {
            foreach (var answer in WarmUp.Answer(call)) yield return answer;
            yield break;
        }
        var sockets = pools.Of(call.Destination);
        var socket = IsHttpOnly(call.Destination) ? null : await TakeAsync(call, sockets, attemptEnded); // :: 1
        if (socket is null)
        {
            await foreach (var reported in _overHttp.RunAsync(call, attemptEnded)) yield return reported;
            yield break;
        }
        var (isClean, owner) = (false, (UpstreamState?)null);
        var steers = call.Destination.Dialect.Steering ? new PassedSteers(call, socket) : null;
        using var late = socket.AwaitsSuccessor ? new CancellationTokenSource(options.SuccessorTimeMax, time) : null;
        await using var aborting = late?.Token.UnsafeRegister(static socket => ((UpstreamSocket)socket!).Abort(), socket) ?? default;
        try
        {
            if (late is not null) socket.Follow(call, attemptEnded);
            else await AskAsync(socket, call, attemptEnded);
            var reader = new ResponsesReader(call, options, ids) { Steers = steers, IsAwaited = late is not null };
            var events = new List<BackendEvent>();
            while (!reader.IsEnded) // :: 2
            {
                events.Clear();
                var json = await socket.NextAsync(call, options.EventBytesMax, attemptEnded);
                reader.Read(json, events);
                if (reader.ResponseId is not null) late?.CancelAfter(Timeout.InfiniteTimeSpan);
                steers?.Begin(reader.ResponseId);
                foreach (var reported in events) yield return reported;
            }
            var steered = steers is null ? [] : await steers.EndAsync();
            owner = State(call, reader, steered is null ? null : socket, steered ?? []); // :: 3
            if (steered is not null)
            {
                (isClean, socket.AwaitsSuccessor) = (true, steered.Count > 0);
                sockets.Return(socket, owner, call.Turn.Flow);
            }
            yield return new BackendEvent.Finished(reader.Usage, reader.IncompleteReason, owner);
        }
        finally
        {
            steers?.Close();
            if (!isClean) socket.Dispose();
        }
    }

    public int IdleSockets => pools.IdleSockets;

    /// <summary>Closes what is idle at destinations that are no longer there, or no longer the same.</summary>
    public void KeepOnly(IReadOnlySet<string> origins)
    {
        pools.KeepOnly(origins);
        foreach (var origin in _httpUntil.Keys.Where(origin => !origins.Contains(origin))) _httpUntil.TryRemove(origin, out _);
    }

    public void Dispose() => pools.Dispose();

    private static Task AskAsync(UpstreamSocket socket, UpstreamCall call, CancellationToken attemptEnded)
    {
        var parent = call.IsDelta ? call.Parent!.ResponseId : null;
        var isBare = parent is not null && socket.TakesBareFrames && IsBare(call);
        return socket.SendAsync(ResponsesBody.For(call, parent, isFrame: true, isBare), call, attemptEnded);
    }

    /// <summary>Null where the destination refuses WebSockets.</summary>
    private async Task<UpstreamSocket?> TakeAsync(UpstreamCall call, UpstreamSockets sockets, CancellationToken attemptEnded)
    {
        if (call.Parent is { } parent)
        {
            var own = sockets.Claim(parent);
            if (own is { AwaitsSuccessor: true } && !Follows(call, parent))
            {
                own.Dispose();
                own = null;
            }
            call.IsDelta = own is not null || parent.IsStored;
            if (own is not null) return own;
        }
        try
        {
            return await sockets.RentAsync(call, attemptEnded);
        }
        catch (UpstreamException exception) when (exception.Fault.Code == UpstreamSockets.WebSocketRefused)
        {
            _httpUntil[call.Destination.Origin] = time.GetUtcNow() + options.UpgradeRetryAfter;
            return null;
        }
    }

    /// <summary>Whether the turn is the one that follows by itself: its input is what the upstream was sent, and no more.</summary>
    private static bool Follows(UpstreamCall call, UpstreamState parent) => call.Turn.KeepsSettings
        && call.Turn.Context.Input.SequenceEqual(parent.Steered, ReferenceEqualityComparer.Instance);

    /// <summary>
    /// Whether the upstream has from the parent what the frame leaves out. A key that was there and is gone now would be taken over.
    /// </summary>
    private static bool IsBare(UpstreamCall call) =>
        call.Turn.KeepsSettings && !call.Tools.IsFlat && (call.PromptCacheKey is not null || call.Parent?.PromptCacheKey is null);

    private bool IsHttpOnly(Destination destination) =>
        _httpUntil.TryGetValue(destination.Origin, out var until) && time.GetUtcNow() < until;

    private static UpstreamState State(
        UpstreamCall call, ResponsesReader reader, UpstreamSocket? socket, IReadOnlyList<Item> steered) => new()
    {
        Destination = call.Destination.Name,
        Conversation = call.Conversation,
        PromptCacheKey = call.PromptCacheKey,
        IsBound = call.IsBound,
        IsSealed = call.IsSealed,
        ResponseId = reader.ResponseId,
        IsStored = ResponsesBody.StoresAt(call.Destination, call.Turn),
        Socket = socket,
        Steered = steered,
    };
}
