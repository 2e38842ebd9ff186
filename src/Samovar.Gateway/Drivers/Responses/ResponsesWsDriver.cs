using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Http;
using Samovar.Gateway.Wire.Sockets;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Responses over WebSocket: delta in, delta out. The chain's pin is a socket that holds its newest response.</summary>
/// <remarks>
/// 1 Claim the chain's socket and send what is new, or rent one and send everything. 2 Read events to the terminal one. 3 Leave the socket
/// with the new response.
/// </remarks>
internal sealed class ResponsesWsDriver(
    UpstreamHttp http, SocketPools pools, UpstreamOptions options, TimeProvider time, IdSource ids) : IUpstreamDriver, IDisposable
{
    // No more than there are destinations.
    private readonly ConcurrentDictionary<string, DateTimeOffset> _httpUntil = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _notInjectedUntil = new(StringComparer.Ordinal);
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
        var beside = new BesideFrames(call, socket);
        var steers = call.Destination.Dialect.Steering ? new PassedSteers(call, beside) : null;
        var injections = steers is not null && TakesInjections(call.Destination) ? Injections(call, beside, socket) : null;
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
                if (injections?.Read(json, mayBeOfSteer: steers!.IsAwaited) == true) continue;
                reader.Read(json, events);
                if (reader.ResponseId is not null) late?.CancelAfter(Timeout.InfiniteTimeSpan);
                call.IsOver = reader.IsEnded;
                steers?.Begin(reader.ResponseId);
                injections?.Begin();
                foreach (var reported in events)
                {
                    foreach (var given in injections?.Before(reported) ?? []) yield return given;
                    yield return reported;
                }
            }
            if (injections is not null) await HearAnswersAsync(injections, steers!, socket, call, attemptEnded);
            var end = reader.Finished();
            foreach (var given in injections?.Before(end) ?? []) yield return given;
            var steered = steers is null ? [] : await steers.EndAsync();
            if (injections?.IsUnsure == true) steered = null;
            owner = reader.State(steered is null ? null : socket, steered); // :: 3
            if (steered is not null)
            {
                (isClean, socket.AwaitsSuccessor) = (true, steered.Count > 0);
                sockets.Return(socket, owner, call.Turn.Flow);
            }
            yield return end with { State = owner };
        }
        finally
        {
            steers?.Close();
            injections?.Close();
            if (!isClean) socket.Dispose();
        }
    }

    public int IdleSockets => pools.IdleSockets;

    /// <summary>Closes what is idle at destinations that are no longer there, or no longer the same.</summary>
    public void KeepOnly(IReadOnlySet<string> origins)
    {
        pools.KeepOnly(origins);
        foreach (var learned in new[] { _httpUntil, _notInjectedUntil })
            foreach (var origin in learned.Keys.Where(origin => !origins.Contains(origin))) learned.TryRemove(origin, out _);
    }

    public void Dispose() => pools.Dispose();

    private bool TakesInjections(Destination destination) => destination.Dialect.Injected != InjectedOutputs.Refused
        && !(_notInjectedUntil.TryGetValue(destination.Origin, out var until) && time.GetUtcNow() < until);

    private PassedInjections Injections(UpstreamCall call, BesideFrames beside, UpstreamSocket socket) =>
        new(call, beside, options.InjectAnswerTimeMax, ids,
            notKnown: () => _notInjectedUntil[call.Destination.Origin] = time.GetUtcNow() + options.InjectRetryAfter,
            leave: socket.Abort);

    /// <summary>The response is over, but what was sent has no answer yet: whether the upstream has it decides what follows.</summary>
    private async ValueTask HearAnswersAsync(
        PassedInjections injections, PassedSteers steers, UpstreamSocket socket, UpstreamCall call, CancellationToken attemptEnded)
    {
        steers.Close();
        try
        {
            while (injections.IsAwaited)
            {
                var json = await socket.NextAsync(call, options.EventBytesMax, attemptEnded);
                if (injections.Read(json, mayBeOfSteer: false) || json.Text("type"u8) is not { } type || steers.Note(type)) continue;
                if (type == "response.created") break; // what follows has begun, and its events are not to be lost
            }
        }
        catch (Exception exception) when (!attemptEnded.IsCancellationRequested && exception is (WebSocketException or IOException
            or ObjectDisposedException or OperationCanceledException or JsonException or UpstreamException))
        {
            // the answers do not come
        }
        injections.Close();
    }

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
        && call.Turn.Context.Input.Select(static item => item.Json).SequenceEqual(parent.Steered.Select(static item => item.Json));

    /// <summary>
    /// Whether the upstream has from the parent what the frame leaves out. A key that was there and is gone now would be taken over.
    /// </summary>
    private static bool IsBare(UpstreamCall call) =>
        call.Turn.KeepsSettings && !call.Tools.IsFlat && (call.PromptCacheKey is not null || call.Parent?.PromptCacheKey is null);

    private bool IsHttpOnly(Destination destination) =>
        _httpUntil.TryGetValue(destination.Origin, out var until) && time.GetUtcNow() < until;
}
