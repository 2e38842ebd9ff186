using System.Runtime.CompilerServices;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Requests;

namespace Samovar.Backends.Models;

/// <summary>The models of the pool as one backend: a turn waits until its model is loaded, and keeps it so until it is over.</summary>
/// <remarks>
/// What a response leaves is of one model and of one time that it was loaded: the planner compares the model by its identity, and the
/// engine takes no pin of another. So a conversation may move between models, or outlive its model's unloading; it is only prefilled again.
/// </remarks>
internal sealed class PooledBackend(ModelPool pool, ModelsOptions options, TimeProvider time) : IBackend, IPrefixBackend
{
    public IReadOnlyList<BackendModel> Models => pool.Models;

    public IPrefixKeeping Prefixes { get; } = new PooledPrefixes(pool, options);

    public IReadOnlyList<IStateFiles> StateFiles => pool.StateFiles;

    public bool CountsHere => true;

    public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        FieldReport.Refuse(turn.Request, static uses => uses.Embedded); // what cannot run loads nothing
        RequireOpen(turn);
        var from = time.GetTimestamp();
        using var lease = await pool.AcquireAsync(
            NameOf(turn), turn.Flow, turn.IsStreamed ? options.WaitMax : options.WholeWaitMax, turnCancelled);
        var waited = time.GetElapsedTime(from);
        await foreach (var reported in lease.Model.Backend.RunAsync(turn, turnCancelled))
        {
            if (reported is BackendEvent.Finished) turn.Report.Queued += waited;
            yield return reported;
        }
    }

    public async ValueTask<int?> CountInputAsync(BackendTurn turn, CancellationToken caller)
    {
        RequireOpen(turn);
        using var lease = await pool.AcquireAsync(NameOf(turn), turn.Flow, options.WholeWaitMax, caller);
        return await lease.Model.Backend.CountInputAsync(turn, caller);
    }

    public PackedState? PackState(ChainNode node) => node.State is EmbeddedState state ? StatePacking.Pack(state, node) : null;

    /// <summary>Of whichever model it is: which one goes on with it, only its turn says.</summary>
    public BackendState? ReadState(PackedState packed, StoredTurn turn) =>
        packed.Kind == StatePacking.Kind ? StatePacking.Read(packed, turn, model: null) : null;

    public void RequireOpen(BackendTurn turn)
    {
        if (SealedHistory.Param(turn.Context, static node => node.State is EmbeddedState) is { } param)
            throw new ApiException(Errors.CannotOpen, NameOf(turn), param);
    }

    private string NameOf(BackendTurn turn) => turn.Model ?? pool.Models[0].Name;
}
