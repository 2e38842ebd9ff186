using Samovar.Protocol.Events;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Transports;

/// <summary>Where a turn's events come from on one link.</summary>
internal abstract class EventSource : IAsyncDisposable
{
    /// <summary>Whether a turn that is cut off here can be read on another link of this kind.</summary>
    public virtual bool CanResume => false;

    /// <summary>What has the responses that are stored nowhere; null: nothing has.</summary>
    public virtual object? Keeper => null;

    /// <summary>The next event; null where the stream ended.</summary>
    /// <exception cref="LinkLostException">The link is gone.</exception>
    public abstract ValueTask<EventView?> NextAsync(CancellationToken caller);

    /// <summary>The response, where it came whole.</summary>
    public virtual ResponseView? Whole => null;

    public abstract ValueTask DisposeAsync();
}

/// <summary>A response that came whole instead of its events.</summary>
internal sealed class WholeAnswer(ResponseView response) : EventSource
{
    public override ResponseView? Whole => response;

    public override ValueTask<EventView?> NextAsync(CancellationToken caller) => ValueTask.FromResult<EventView?>(null);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
