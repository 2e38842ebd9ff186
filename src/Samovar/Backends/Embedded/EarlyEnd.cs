using Samovar.Engine;

namespace Samovar.Backends.Embedded;

/// <summary>Where a turn stands that may have to end with what there is.</summary>
/// <remarks>
/// The engine is a few tokens ahead of what was read. Where no item is open they are left unread, so no further item begins. An open item
/// gets them: what was sent is what was sampled, and a continuation goes on from there.
/// </remarks>
internal sealed class EarlyEnd(CancellationToken wanted)
{
    private bool _isOpen;

    /// <summary>Whether nothing more is to be read.</summary>
    public bool IsDue => !_isOpen && wanted.IsCancellationRequested;

    /// <summary>Whether that is why the response ends.</summary>
    public bool IsSteered { get; private set; }

    /// <summary>Whether nothing more is to be read behind this event.</summary>
    public bool IsDueBehind(BackendEvent reported)
    {
        _isOpen = reported is not (BackendEvent.ItemDone or BackendEvent.CarriedItem);
        return IsDue;
    }

    /// <summary>Waits for the engine's turn to be over; one whose last tokens stay unread is, too.</summary>
    public async ValueTask<EngineTurnEnd> EndAsync(EngineTurn running, OutputReading output)
    {
        if (IsDue) running.Cancel();
        var end = await running.Ended;
        IsSteered = IsDue || end.Kind == EngineTurnEndKind.Stopped && !output.IsOver;
        return end;
    }

    /// <summary>Whether the last item ended before the model wanted it to.</summary>
    public bool IsCut(EngineTurnEnd end, OutputReading output) => IsSteered
        || end.Kind is EngineTurnEndKind.OutputLimit or EngineTurnEndKind.ContextFull && !output.IsEndedBefore;
}
