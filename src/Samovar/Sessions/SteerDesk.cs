using System.Diagnostics;
using Samovar.Budgets;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Scheduling.Budgets;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>Why something was not queued for the response that it was said to.</summary>
/// <param name="Stream">The response's lane; the default one where no such response is known.</param>
/// <param name="Error">The reason.</param>
internal sealed record SteerRefusal(LaneId Stream, ApiException Error);

/// <summary>Takes what a connection's client says to responses that are being made.</summary>
/// <param name="options">Bounds.</param>
/// <param name="metrics">Counts what becomes of it.</param>
/// <param name="findCurrent">The lane whose current turn has made that response, and the turn.</param>
internal sealed class SteerDesk(
    SessionOptions options, SessionMetrics metrics, Func<ResponseId, (LaneId Stream, QueuedFrame Turn)?> findCurrent)
{
    private const int EndedKept = 64;
    private readonly Lock _gate = new();
    private readonly Queue<Ended> _ended = new();
    private int _count;
    private long _bytes;

    /// <summary>
    /// Whether a turn's client may say more while it runs. A warm-up says nothing, and where others change the history too what follows
    /// cannot be promised.
    /// </summary>
    public static bool CanBeSteered(CreateRequest request) => request.Generate && request is { Compacts: false, Compaction: null }
        && !request.Field("conversation").IsSet();

    /// <summary>
    /// Queues the words of the user, for which the response ends early, or outputs of calls, for which it ends behind the item that it is
    /// at.
    /// </summary>
    /// <returns>Null where they are queued.</returns>
    /// <exception cref="ApiException">What is to be injected belongs nowhere.</exception>
    public SteerRefusal? Take(ClientFrame frame, int bytes, ByteClaim claim)
    {
        try
        {
            var refusal = TakeAny(frame, bytes, claim);
            Note(1, refusal is null ? "accepted" : "refused", refusal?.Error.Kind);
            return refusal;
        }
        catch (ApiException error)
        {
            Note(1, "refused", error.Kind);
            throw;
        }
    }

    /// <summary>Counts what became of it.</summary>
    public void Note(int steers, string outcome, ErrorKind? error = null) => metrics.Steered(steers, outcome, error);

    private SteerRefusal? TakeAny(ClientFrame frame, int bytes, ByteClaim claim) => frame switch
    {
        ClientFrame.Steer { Response: var named, Fault: { } fault } => new SteerRefusal(LaneOf(named), fault),
        ClientFrame.Steer { Response: { } response } steer =>
            Take(response, new Said(steer.Input, steer.Said, IsUsers: true), bytes, claim, out _),
        ClientFrame.Inject inject => Take(inject, bytes, claim),
        _ => throw new UnreachableException(),
    };

    private SteerRefusal? Take(ClientFrame.Inject inject, int bytes, ByteClaim claim)
    {
        var refusal = Take(inject.Response, new Said(inject.Input, inject.Said, IsUsers: false), bytes, claim, out var isOver);
        return isOver ? refusal! with { Error = new ApiException(Errors.ResponseCompleted, inject.Response, "response_id") } : refusal;
    }

    private SteerRefusal? Take(ResponseId response, Said said, int bytes, ByteClaim claim, out bool isOver)
    {
        isOver = false;
        if (Find(response, out var refusal) is not var (stream, target))
        {
            isOver = refusal!.Error.Kind == Errors.ResponseNotActive;
            return refusal;
        }
        if (!said.IsUsers) RequireAwaited(said.Input, target);
        var error = Queue(new Steer(Id: null, response, said.Input, said.Json, bytes) { Claim = claim }, target, said.IsUsers);
        return error is null ? null : new SteerRefusal(stream, error);
    }

    /// <summary>A turn of a lane is over.</summary>
    public void NoteEnded(LaneId lane, ResponseId response, bool isKept)
    {
        lock (_gate)
        {
            _ended.Enqueue(new Ended(response, lane, isKept));
            if (_ended.Count > EndedKept) _ended.Dequeue();
        }
    }

    /// <summary>They wait no more.</summary>
    public void Release(IReadOnlyList<Steer> steers)
    {
        lock (_gate)
        {
            _count -= steers.Count;
            _bytes -= steers.Sum(steer => (long)steer.Bytes);
        }
        foreach (var steer in steers) steer.Claim?.Dispose();
    }

    private ApiException? Queue(Steer steer, QueuedFrame target, bool isUrgent)
    {
        if (target.Running is not { } turn) return new ApiException(Errors.ResponseCompleted, steer.Response);
        if (turn.NameSteer() is not { } name) return new ApiException(Errors.SteeringNotSupported, steer.Response);
        if (isUrgent) steer = steer with { Id = name };
        lock (_gate)
        {
            if (_count >= options.SteersTotalMax || _bytes + steer.Bytes > options.QueuedBytesMax)
                return new ApiException(Errors.TooManySteers, steer.Response);
            (_count, _bytes) = (_count + 1, _bytes + steer.Bytes);
        }
        target.Source.Turn?.ExpectNext(); // before anybody can read that it is queued
        var error = steer.Claim?.TrySet(RequestWeight.Of(steer.Bytes)) == false ? Errors.TooManySteers : null;
        error ??= turn.Away is { } away ? Say(steer, target, away) : Add(steer, target, turn, isUrgent);
        if (error is null) return null;
        lock (_gate) (_count, _bytes) = (_count - 1, _bytes - steer.Bytes);
        return new ApiException(error, steer.Response);
    }

    private ErrorKind? Add(Steer steer, QueuedFrame target, TurnHandle turn, bool isUrgent)
    {
        if (!isUrgent && TryPass(steer, target, turn)) return null;
        var error = target.Steers.TryAdd(steer, turn, options.SteersMax);
        if (error is null) turn.EndEarly(isUrgent, steer.Input);
        return error;
    }

    /// <summary>Another node makes the response, and says whether it takes it.</summary>
    private ErrorKind? Say(Steer steer, QueuedFrame target, IAwaySteering away)
    {
        if (target.Steers.TryHold(steer, options.SteersMax) is { } error) return error;
        away.Say(new SaidAway(steer.Id, steer.Said), why => target.Steers.Answer(steer, why));
        return null;
    }

    /// <summary>Whether who makes the response has been sent it; its answer is the client's then.</summary>
    private bool TryPass(Steer steer, QueuedFrame target, TurnHandle turn)
    {
        if (target.Steers.TryHold(steer, options.SteersMax) is not null) return false;
        if (turn.TryPass(new Injection(steer, target.Steers, turn, Release))) return true;
        target.Steers.Withdraw(steer);
        return false;
    }

    private (LaneId Stream, QueuedFrame Turn)? Find(ResponseId response, out SteerRefusal? refusal)
    {
        refusal = null;
        if (findCurrent(response) is { } found) return found;
        lock (_gate)
            foreach (var ended in _ended)
                if (ended.Response == response)
                {
                    var kind = ended.IsKept ? Errors.ResponseCompleted : Errors.ResponseNotActive;
                    refusal = new SteerRefusal(ended.Stream, new ApiException(kind, response));
                    return null;
                }
        refusal = new SteerRefusal(LaneId.Default, new ApiException(Errors.ResponseNotFound, response));
        return null;
    }

    /// <summary>The lane of a response of this connection; the default one where it is not known.</summary>
    public LaneId LaneOf(ResponseId? response)
    {
        if (response is not { } id) return LaneId.Default;
        return Find(id, out var refusal) is var (lane, _) ? lane : refusal!.Stream;
    }

    /// <summary>Throws for an output of a call that nobody made, or that has its output.</summary>
    private static void RequireAwaited(IReadOnlyList<Item> outputs, QueuedFrame target)
    {
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var output in outputs)
        {
            var id = ((IToolOutput)output).CallId!;
            if (!given.Add(id) || target.Steers.Answers(id)) throw new ApiException(Errors.ToolOutputRepeated, id, "input");
            target.Running?.RequireAwaited(id);
        }
    }

    /// <summary>What a frame says.</summary>
    private readonly record struct Said(IReadOnlyList<Item> Input, RawJson Json, bool IsUsers);

    /// <summary>A response of this connection that is over.</summary>
    private readonly record struct Ended(ResponseId Response, LaneId Stream, bool IsKept);
}
