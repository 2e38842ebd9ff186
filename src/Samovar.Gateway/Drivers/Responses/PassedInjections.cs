using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Sends an upstream outputs of calls while it makes a response, and gives its answers to their client.</summary>
/// <remarks>
/// An upstream that does not know the frame, or does not answer in time, is not sent any for a while; what it was sent is not lost: the
/// response ends early, and what follows has it. Where the upstream goes on with the outputs in the same response, they stand among its
/// items, where they came in, unless it shows them itself.
/// </remarks>
/// <param name="call">The attempt.</param>
/// <param name="frames">What is sent beside its response.</param>
/// <param name="answerTimeMax">How long each answer is waited for.</param>
/// <param name="notKnown">Called where the upstream does not know the frame.</param>
/// <param name="leave">Ends the wait for an upstream whose response is over.</param>
internal sealed class PassedInjections(
    UpstreamCall call, BesideFrames frames, TimeSpan answerTimeMax, IdSource ids, Action notKnown, Action leave)
{
    private readonly List<Sent> _unanswered = []; // under the frames' gate
    private readonly List<Item> _taken = []; // and not among the response's items yet
    private volatile int _awaited;
    private volatile bool _isUnsure;
    private bool _isBegun;

    /// <summary>Whether an answer is still to come.</summary>
    public bool IsAwaited => _awaited > 0;

    /// <summary>Whether nobody knows what the upstream makes of something that it was sent.</summary>
    public bool IsUnsure => _isUnsure;

    /// <summary>To be called once the upstream's response has a name.</summary>
    public void Begin()
    {
        if (_isBegun || frames.Response is null) return;
        _isBegun = true;
        call.Turn.Steering?.OnInjected(Pass);
    }

    /// <summary>Whether what the upstream says is an answer.</summary>
    /// <param name="mayBeOfSteer">Whether an error may be about another frame.</param>
    public bool Read(RawJson json, bool mayBeOfSteer)
    {
        if (!IsAwaited) return false;
        switch (json.Text("type"u8))
        {
            case "response.inject.created" when IsOurs(json):
                if (Answered(named: null) is { } sent) Take(sent);
                return true;
            case "response.inject.failed" when IsOurs(json):
                if (Answered(json.Field("input"u8)) is { } failed) Refuse(failed, json.Field("error"u8).Text("code"u8));
                return true;
            case "error" or "response.error" when !mayBeOfSteer && IsAboutFrame(json):
                notKnown();
                GiveUp();
                return true;
            default: return false;
        }
    }

    /// <summary>What stands among the response's items before the event, because the upstream has it and does not show it.</summary>
    public IReadOnlyList<BackendEvent> Before(BackendEvent e)
    {
        if (_taken.Count == 0 || !BeginsItem(e) || IsShown(e)) return [];
        if (call.Destination.Dialect.Injected == InjectedOutputs.Following) return [];
        List<BackendEvent> shown = [.. _taken.Select(output => new BackendEvent.CarriedItem(Shown(output)))];
        _taken.Clear();
        return shown;
    }

    /// <summary>Nothing is sent from now on, and no answer is waited for.</summary>
    public void Close()
    {
        call.Turn.Steering?.OnInjected(null);
        GiveUp();
    }

    private bool Pass(IInjection injection)
    {
        lock (frames.Gate)
        {
            if (frames.IsOver) return false;
            var sent = new Sent(injection);
            _unanswered.Add(sent);
            _awaited = _unanswered.Count;
            sent.Limit = call.Time.CreateTimer(_ => Late(sent), null, answerTimeMax, Timeout.InfiniteTimeSpan);
            frames.Send("response.inject", "response_id", injection.Outputs);
            return true;
        }
    }

    private void Late(Sent sent)
    {
        if (!TryEnd(sent)) return;
        _isUnsure = true;
        notKnown();
        sent.Injection.NotTaken();
        if (call.IsOver) leave();
    }

    private void GiveUp()
    {
        while (Answered(named: null) is { } sent)
        {
            _isUnsure = true;
            sent.Injection.NotTaken();
        }
    }

    private void Take(Sent sent)
    {
        var isFollowed = call.Destination.Dialect.Injected == InjectedOutputs.Following;
        _taken.AddRange(sent.Injection.Outputs);
        if (isFollowed) call.Steered();
        else frames.Forget(sent.Injection.Outputs);
        sent.Injection.Taken();
    }

    private void Refuse(Sent sent, string? code)
    {
        frames.Forget(sent.Injection.Outputs);
        if (KindOf(code) is { } why) sent.Injection.Refused(why);
        else sent.Injection.NotTaken(); // what the upstream has no room for, or does not do with this response, follows it all the same
    }

    private static ErrorKind? KindOf(string? code) => code switch
    {
        "response_already_completed" => Errors.ResponseCompleted,
        "response_not_found" => Errors.ResponseNotFound,
        "response_not_active" => Errors.ResponseNotActive,
        "invalid_input" => Errors.SteerInvalid,
        _ => null,
    };

    /// <summary>The one that an answer is about: it names calls, or the oldest is meant.</summary>
    private Sent? Answered(RawJson? named)
    {
        lock (frames.Gate)
        {
            if (_unanswered.Count == 0) return null;
            var calls = named?.Elements().Select(static output => output.Text("call_id"u8)).ToList() ?? [];
            var sent = _unanswered.Find(sent => sent.Injection.Outputs.Any(output => calls.Contains(((IToolOutput)output).CallId)))
                ?? _unanswered[0];
            return TryEnd(sent) ? sent : null;
        }
    }

    private bool TryEnd(Sent sent)
    {
        lock (frames.Gate)
        {
            if (!_unanswered.Remove(sent)) return false;
            _awaited = _unanswered.Count;
            sent.Limit!.Dispose();
            return true;
        }
    }

    /// <summary>Whether the event shows an output that the upstream has; then it does not follow.</summary>
    private bool IsShown(BackendEvent e)
    {
        var item = e is BackendEvent.CarriedStarted started ? started.Item : (e as BackendEvent.CarriedItem)?.Item ?? default;
        if (item.IsEmpty || item.Text("call_id"u8) is not { } id) return false;
        if (_taken.Find(output => ((IToolOutput)output).CallId == id) is not { } own) return false;
        if (item.Text("type"u8) != own.Type) return false;
        _taken.Remove(own);
        frames.ForgetOne(own);
        return true;
    }

    private static bool BeginsItem(BackendEvent e) => e is BackendEvent.MessageStarted or BackendEvent.ReasoningStarted
        or BackendEvent.FunctionCallStarted or BackendEvent.CustomCallStarted or BackendEvent.CarriedStarted or BackendEvent.CarriedItem
        or BackendEvent.Finished;

    private RawJson Shown(Item output) => output.Json.Text("id"u8) is { Length: > 0 } ? output.Json : JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, ItemId.New("fco_", ids).Value);
        output.Json.WriteFields(writer, "id", "status");
        writer.WriteString("status"u8, "completed"u8);
        writer.WriteEndObject();
    });

    private bool IsOurs(RawJson json) => json.Text("response_id"u8) is not { } id || id == frames.Response;

    /// <summary>Whether an error is about a frame that the upstream does not know, and not about its response.</summary>
    private bool IsAboutFrame(RawJson json)
    {
        var fault = FaultReader.ReadEvent(json, call.Time.GetUtcNow());
        return fault.Code == Errors.UnknownEventType.Code || fault.Kind is FaultKind.Refused or FaultKind.Malformed
            || fault is { Kind: FaultKind.Server, Status: 404 or 405 or 501 };
    }

    /// <summary>What has no answer yet.</summary>
    private sealed class Sent(IInjection injection)
    {
        public IInjection Injection { get; } = injection;
        public ITimer? Limit { get; set; }
    }
}
