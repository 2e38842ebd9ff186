using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;

namespace Samovar.Gateway.Attempts;

/// <summary>What to do after a fault.</summary>
internal enum RecoveryStep
{
    /// <summary>Report it to the client.</summary>
    GiveUp,

    /// <summary>Send the whole context to the same destination, where the cache is.</summary>
    AgainWhole,

    /// <summary>Send the whole context to another destination; to the same one only if there is no other.</summary>
    Elsewhere,

    /// <summary>Send the whole context to another destination, or give up: the same one said no.</summary>
    OnlyElsewhere,
}

/// <summary>Decides, within bounds, whether a turn is tried again and where. One for each turn.</summary>
/// <remarks>
/// A request that was refused did not run and may be sent again. A request whose fate is unknown (sent, nothing or only its beginning came
/// back) is repeated once at most. As soon as the client may have seen output there is no second attempt.
/// </remarks>
internal sealed class Recovery(int retriesMax, TimeSpan bridgeMax = default)
{
    private bool _isRepeated;
    private int _inARow; // tries that found no connection
    private int _unrun; // tries that one after the other refused: another may still take it
    private HashSet<string>? _refusedAt;
    private long? _withoutSince;
    private TimeProvider? _time; // of the newest try

    public int Retries { get; private set; }

    /// <summary>Whether the turn has found no connection, and still waits for one.</summary>
    public bool IsBridging => _withoutSince is { } since && _time!.GetElapsedTime(since) < bridgeMax;

    public RecoveryStep After(UpstreamFault fault, UpstreamCall call)
    {
        var step = StepFor(fault, call);
        if (step == RecoveryStep.GiveUp || Bridges(fault, call)) return step;
        if (Retries - _unrun >= retriesMax) return RecoveryStep.GiveUp;
        if (IsUnrun(fault) && (_refusedAt ??= new(StringComparer.Ordinal)).Add(call.Destination.Name)) _unrun++;
        Retries++;
        return step;
    }

    /// <summary>Whether it is about the destination's account or what it serves, and ran nothing: its first such try does not
    /// count.</summary>
    private static bool IsUnrun(UpstreamFault fault) =>
        fault.Kind is FaultKind.RateLimited or FaultKind.Unauthorized or FaultKind.NoModel;

    /// <summary>How long to wait before the destination that has just failed is asked again.</summary>
    public TimeSpan Pause(UpstreamOptions options)
    {
        var pause = options.RetryDelay * Math.Pow(2, Math.Clamp(Math.Max(Retries - _unrun, _inARow) - 1, 0, 20));
        return _inARow > 0 && pause > options.BridgePauseMax ? options.BridgePauseMax : pause;
    }

    /// <summary>Nothing was sent, and a connection is waited for: such a try does not count.</summary>
    private bool Bridges(UpstreamFault fault, UpstreamCall call)
    {
        if (fault.Kind != FaultKind.Connect || fault.IsBridged)
        {
            (_inARow, _withoutSince) = (0, null);
            return false;
        }
        _time = call.Time;
        _withoutSince ??= _time.GetTimestamp();
        return bridgeMax > TimeSpan.Zero && ++_inARow > 0 && IsBridging;
    }

    private RecoveryStep StepFor(UpstreamFault fault, UpstreamCall call)
    {
        if (call.Phase == CallPhase.Output) return RecoveryStep.GiveUp;
        if (fault.IsBridged) return RecoveryStep.OnlyElsewhere;
        switch (fault.Kind)
        {
            case FaultKind.ParentLost: return call.IsDelta ? RecoveryStep.AgainWhole : RecoveryStep.GiveUp;
            case FaultKind.ConnectionLimit: return RecoveryStep.AgainWhole;
            case FaultKind.RateLimited when !fault.IsQuotaSpent: return RecoveryStep.Elsewhere; // the same one behind its pause
            case FaultKind.RateLimited or FaultKind.Unauthorized or FaultKind.NoModel: return RecoveryStep.OnlyElsewhere;
            case FaultKind.Connect: return RecoveryStep.Elsewhere;
            case FaultKind.Server: return RecoveryStep.Elsewhere;
            case FaultKind.Refused when fault.IsAboutCalls && call.IsDelta: return RecoveryStep.AgainWhole;
            case FaultKind.Refused when fault.FitsElsewhere: return RecoveryStep.OnlyElsewhere;
            case FaultKind.Refused or FaultKind.NoRoom: return RecoveryStep.GiveUp;
        }
        if (call.Phase != CallPhase.BeforeSend && _isRepeated) return RecoveryStep.GiveUp;
        _isRepeated |= call.Phase != CallPhase.BeforeSend;
        if (fault.Kind == FaultKind.TooLarge) return RecoveryStep.OnlyElsewhere; // it would be as large again
        if (fault.Kind == FaultKind.Silence && call.Destination.Kind == DestinationKind.ResponsesLink)
            return RecoveryStep.OnlyElsewhere; // it was read on over one link after the other: it would be as silent again
        return fault.Kind == FaultKind.Lost && call.IsDelta ? RecoveryStep.AgainWhole : RecoveryStep.Elsewhere;
    }

    /// <summary>A socket that died while idle says nothing about its destination: a hundred of them are one restart.</summary>
    private static bool IsIdleLoss(UpstreamFault fault, UpstreamCall call) =>
        fault.Kind == FaultKind.Lost && call.IsDelta && call.Phase <= CallPhase.Sent;

    /// <summary>
    /// Notes what the fault says about the destination. A missing connection is no failure where it is waited for: a circuit would end the
    /// wait of this turn, and of all others.
    /// </summary>
    /// <param name="fault">What went wrong.</param>
    /// <param name="call">Where.</param>
    /// <param name="hasOthers">Whether others can take such turns: then those need not find out again that it is gone.</param>
    /// <param name="by">Whose request it was, where that may have caused it.</param>
    public void Note(UpstreamFault fault, UpstreamCall call, bool hasOthers, string? by = null)
    {
        if (bridgeMax > TimeSpan.Zero && !hasOthers && (fault.Kind == FaultKind.Connect || fault.IsBridged))
        {
            call.Destination.State.Way.IsGone(fault.Message.TrimEnd('.'));
            call.Destination.State.Unreached();
        }
        else Note(fault, call, by);
    }

    /// <summary>Notes at the destination what the fault says about it.</summary>
    public static void Note(UpstreamFault fault, UpstreamCall call, string? by = null)
    {
        if (IsIdleLoss(fault, call) || fault.IsBrokenOutput) return;
        var destination = call.Destination;
        switch (fault.Kind)
        {
            case FaultKind.RateLimited:
                destination.Cool(call.Turn.Tenant, fault.RetryAfter ?? (fault.IsQuotaSpent ? TimeSpan.MaxValue : null));
                break;
            case FaultKind.NoModel when !destination.IsOfCallers && destination.HasItsKeyStill:
                destination.State.Lacked.Note(call.Model);
                break;
            case FaultKind.Unauthorized when destination.IsOfCallers || !destination.HasItsKeyStill:
                break; // it is the client's key that is wrong, or one that is there no more
            case FaultKind.Server when destination.IsOfCallers && fault.Status is >= 400 and < 500 and not (408 or 425):
                break; // so it may be: others are answered otherwise
            case FaultKind.Connect or FaultKind.Lost or FaultKind.Silence or FaultKind.Server or FaultKind.Unauthorized
                or FaultKind.Malformed: destination.State.Failed(by); break;
        }
    }
}
