using Samovar.Protocol.Errors;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>Tells the node that makes a turn what its client says meanwhile, one after the other.</summary>
/// <remarks>That node ends its response early, and says among its events that the words are queued, so that these keep their numbers. The
/// words themselves stay here: what follows is begun here, and finds its place like any other turn.</remarks>
internal sealed class RelayedSteers(IPeerLinks links, TurnState turn) : IAwaySteering
{
    private readonly Lock _gate = new();
    private ClusterNode? _node; // null: it is not made there yet, or no longer
    private Task _saying = Task.CompletedTask;

    /// <summary>Whether anything was said.</summary>
    public bool IsUsed { get; private set; }

    public void Say(SaidAway said, Action<ApiException?> answered)
    {
        lock (_gate)
        {
            IsUsed = true;
            if (_node is { } node)
            {
                _saying = SayAsync(_saying, node, said, answered);
                return;
            }
        }
        answered(new ApiException(Errors.ResponseCompleted, turn.Id));
    }

    /// <summary>The turn is made there now.</summary>
    public void Begin(ClusterNode node)
    {
        lock (_gate) _node = node;
    }

    /// <summary>It is not any more: ends when all that was said has its answer.</summary>
    public Task EndAsync()
    {
        lock (_gate)
        {
            _node = null;
            return _saying;
        }
    }

    private async Task SayAsync(Task before, ClusterNode node, SaidAway said, Action<ApiException?> answered)
    {
        await Task.Yield(); // the lock is not held from here on
        await before;
        answered(await links.SayAsync(node, turn.Request.Tenant, turn.Id, said, turn.Life.Patience));
    }
}
