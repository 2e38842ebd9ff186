using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Compaction;

/// <summary>A compaction that the upstream makes itself, read to its end: it counts only if it is one compaction and an end.</summary>
internal sealed class PassedOn(IBackend backend, BackendTurn turn, CancellationToken turnCancelled) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<BackendEvent> _events = backend.RunAsync(turn, turnCancelled).GetAsyncEnumerator(turnCancelled);

    /// <summary>The upstream's own item; empty where it made none.</summary>
    public RawJson Item { get; private set; }
    public BackendEvent.Finished? Finished { get; private set; }

    /// <summary>What an answer has cost that was none.</summary>
    public Usage Spent { get; private set; } = Usage.Zero;

    /// <summary>Whether it said that it does not know what it was asked.</summary>
    public bool IsUnknown { get; private set; }

    public async ValueTask<BackendEvent.Accepted?> AcceptedAsync() => await NextAsync() as BackendEvent.Accepted;

    public async ValueTask ReadAsync()
    {
        var count = 0;
        while (await NextAsync() is { } e)
        {
            var whole = e switch
            {
                BackendEvent.CarriedItem carried => carried.Item,
                BackendEvent.ItemDone done => done.Whole.IsEmpty ? done.Item?.Json ?? default : done.Whole,
                _ => default,
            };
            if (!whole.IsEmpty && ItemReader.ReadOrKeep(whole, ProtocolLimits.Peer) is CompactionItem) (Item, count) = (whole, count + 1);
            if (e is BackendEvent.Finished finished) Finished = finished;
        }
        if (count == 1 && Finished is not null) return;
        IsUnknown |= Finished is not null; // it answered as if it had not been asked
        Spent = Finished?.Usage ?? Usage.Zero;
        Finished?.State?.Release();
        (Item, Finished) = (default, null);
    }

    private async ValueTask<BackendEvent?> NextAsync()
    {
        try
        {
            return await _events.MoveNextAsync() ? _events.Current : null;
        }
        catch (Exception exception) when (!turnCancelled.IsCancellationRequested) // the compaction: it is made here then
        {
            IsUnknown |= exception is ApiException refusal && Names(refusal, "compaction");
            return null;
        }
    }

    /// <summary>Whether an upstream begins a turn with its rule of compaction; false where it does not know such rules.</summary>
    public static async ValueTask<bool> TakesRuleAsync(IAsyncEnumerator<BackendEvent> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (ApiException refusal) when (Names(refusal, "context_management"))
        {
            return false;
        }
    }

    /// <summary>Whether a refusal is of this, and not of something else that is wrong with the request.</summary>
    private static bool Names(ApiException refusal, string what) => refusal.Kind.Status is 400 or 422
        && refusal.Kind.Code != Errors.CannotOpen.Code
        && (refusal.Message.Contains(what, StringComparison.Ordinal) || refusal.Param?.Contains(what, StringComparison.Ordinal) == true);

    public async ValueTask DisposeAsync()
    {
        try { await _events.DisposeAsync(); }
        catch (Exception exception) when (exception is not OutOfMemoryException) { Item = default; }
    }
}
