using Samovar.Running;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>A turn of another node's client that runs here, as its sender reads it. The turn goes on for its grace when that one is
/// gone: it may come again.</summary>
internal sealed class TakenTurn : IDisposable
{
    private readonly RunningTurn _turn;
    private readonly long _after;
    private readonly IParentSource _parents;

    private TakenTurn(RunningTurn turn, Task began, long after, IParentSource parents) =>
        (_turn, Began, _after, _parents) = (turn, began, after, parents);

    /// <summary>Ends when there are events; faults with <c>ApiException</c> where the turn was refused.</summary>
    public Task Began { get; }

    /// <summary>Its events, from the first one on that its sender does not have. They may be kept no longer: then the reader is
    /// lost.</summary>
    /// <exception cref="Protocol.Errors.ApiException">As many read it already as may.</exception>
    public LogReader Open() => _turn.Open(_after);

    public void Dispose() => _turn.Detach(_parents);

    /// <summary>A turn that has just begun, with its sender as its first reader.</summary>
    public static TakenTurn Begun(RunningTurn turn, Task began, IParentSource parents) => new(turn, began, after: -1, parents);

    /// <summary>One more reader.</summary>
    /// <param name="after">The last event that it has; -1 where it has none.</param>
    /// <exception cref="Protocol.Errors.ApiException">As many read it already as may.</exception>
    public static TakenTurn Join(RunningTurn turn, long after, IParentSource parents)
    {
        turn.Attach(parents);
        turn.NoteResumed();
        return new TakenTurn(turn, Task.CompletedTask, after, parents);
    }
}
