using Samovar.Running;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>A turn of another node's client that runs here, as its sender reads it. The turn goes on for its grace when that one is
/// gone: it may come again.</summary>
internal sealed class TakenTurn : IDisposable
{
    private readonly RunningTurn _turn;
    private readonly IParentSource _parents;

    private TakenTurn(RunningTurn turn, Task began, IParentSource parents) => (_turn, Began, _parents) = (turn, began, parents);

    /// <summary>Ends when there are events; faults with <c>ApiException</c> where the turn was refused.</summary>
    public Task Began { get; }

    /// <summary>All of its events, from the first one on.</summary>
    /// <exception cref="Protocol.Errors.ApiException">As many read it already as may.</exception>
    public LogReader Open() => _turn.Open(after: -1);

    public void Dispose() => _turn.Detach(_parents);

    /// <summary>A turn that has just begun, with its sender as its first reader.</summary>
    public static TakenTurn Begun(RunningTurn turn, Task began, IParentSource parents) => new(turn, began, parents);

    /// <summary>One more reader.</summary>
    /// <exception cref="Protocol.Errors.ApiException">As many read it already as may.</exception>
    public static TakenTurn Join(RunningTurn turn, IParentSource parents)
    {
        turn.Attach(parents);
        turn.NoteResumed();
        return new TakenTurn(turn, Task.CompletedTask, parents);
    }
}
