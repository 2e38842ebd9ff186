#pragma warning disable // outline: bodies follow
using Samovar.Chains;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>A live continuation: one connection's lanes, their queues and their newest responses.</summary>
internal sealed class Session(TenantId tenant, TurnPipeline pipeline, IChainStore store, SessionOptions options, TimeProvider time) : IAsyncDisposable
{
    public TenantId Tenant { get; } = tenant;

    /// <summary>Whether the connection has reached its age; running turns may end, new ones are not taken.</summary>
    public bool IsExpired => throw new NotSupportedException($"{pipeline}{store}{options}{time}");

    /// <summary>Turns that wait or run.</summary>
    public int Pending => 0;

    /// <summary>
    /// Takes one frame. A create waits in its lane and runs; null for a cancel, whose answer is the cancelled turn's own end.
    /// Throws <c>ApiException</c> for an error of this request alone; the session goes on.
    /// </summary>
    public LaneTurn? Submit(ClientFrame frame) => throw new NotSupportedException($"{frame}");

    /// <summary>A frame of a valid lane could not be read: counts as a failed continuation of <paramref name="previous"/>.</summary>
    public void NoteRejectedFrame(LaneId lane, ResponseId? previous) => throw new NotSupportedException($"{lane}{previous}");

    /// <summary>The connection is gone: cancels what runs, waits for it, lets go of the lanes' responses.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
