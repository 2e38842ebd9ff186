using Samovar.Chains;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>A stand-in, until the real one is brought: it runs whatever it is sent, and joins nothing.</summary>
internal sealed class RelayReception(TurnPipeline pipeline, IChainStore store)
{
    private readonly Dictionary<(TenantId, ResponseId), TurnHandle> _turns = [];

    public ValueTask<ReceivedTurn> ReceiveAsync(
        RelayedRequest sent, CreateRequest request, Func<IDisposable> hold, CancellationToken caller)
    {
        var held = hold();
        var turn = pipeline.Begin(
            new TurnRequest
            {
                Tenant = sent.Tenant, Flow = sent.Flow, Request = request, Parents = new StoredParents(sent.Tenant, store), Id = sent.Id,
                Events = sent.Events, Sent = sent.Sent, Client = sent.Client,
            },
            CancellationToken.None);
        lock (_turns) _turns[(sent.Tenant, sent.Id)] = turn;
        return ValueTask.FromResult<ReceivedTurn>(new ReceivedTurn.Running(new TakenTurn(turn, held)));
    }

    public bool Cancel(TenantId tenant, ResponseId id)
    {
        TurnHandle? turn;
        lock (_turns) turn = _turns.GetValueOrDefault((tenant, id));
        turn?.Cancel();
        return turn is not null;
    }
}

/// <summary>What becomes of a turn that a peer has sent.</summary>
internal abstract record ReceivedTurn
{
    private ReceivedTurn() { }

    public sealed record Refused(PlaceRefusal Why) : ReceivedTurn;

    public sealed record Running(TakenTurn Turn) : ReceivedTurn;
}

/// <summary>A turn that a peer reads here.</summary>
internal sealed class TakenTurn(TurnHandle turn, IDisposable held) : IDisposable
{
    /// <summary>Ends when it can be read; faults with <c>ApiException</c> where it was refused.</summary>
    public Task Began => turn.Began;

    public LogReader Open() => turn.Began.Result.Open();

    /// <summary>This reader has left; the turn goes on for its grace.</summary>
    public void Dispose()
    {
        turn.Cancel();
        held.Dispose();
    }
}
