using System.Text;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;

namespace Samovar.Turns;

/// <summary>Turns that are on their way: what files have of the conversation that they go on from is read meanwhile.</summary>
/// <remarks>A hint and no more: one that is wrong, or finds too many others, is passed over, and the turn finds what it needs when it
/// runs.</remarks>
internal sealed class ComingTurns(KeptStates states) : IDisposable
{
    private const int AtOnceMax = 16;
    private static ReadOnlySpan<byte> Name => "\"previous_response_id\""u8; // inside a text its quotes would be escaped
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>The bytes of a request or a frame that has begun: it may say what it goes on from.</summary>
    public void Expect(IChainStore store, TenantId tenant, ReadOnlySpan<byte> begun)
    {
        if (states.Any && PreviousIn(begun) is { } previous) Expect(store, tenant, previous);
    }

    /// <summary>A turn waits that will go on from a response.</summary>
    public void Expect(IChainStore store, TenantId tenant, ResponseId previous)
    {
        if (!states.Any) return;
        lock (_gate)
        {
            _running.RemoveWhere(static task => task.IsCompleted);
            if (_running.Count < AtOnceMax && !_stopping.IsCancellationRequested) _running.Add(FindAsync(store, tenant, previous));
        }
    }

    /// <summary>A turn goes on from a response, and is prepared for its backend now.</summary>
    public void Expect(ChainNode? parent)
    {
        if (parent is not null) states.Expect(parent);
    }

    /// <summary>What is under way ends by itself, soon.</summary>
    public void Dispose() => _stopping.Cancel();

    private async Task FindAsync(IChainStore store, TenantId tenant, ResponseId previous)
    {
        try
        {
            if (await store.FindAsync(tenant, previous, _stopping.Token) is { } parent) states.Expect(parent);
        }
        catch (Exception exception) when (exception is ApiException or OperationCanceledException)
        {
            // the turn will be told
        }
    }

    private static ResponseId? PreviousIn(ReadOnlySpan<byte> json)
    {
        var at = json.IndexOf(Name);
        if (at < 0) return null;
        var behind = json[(at + Name.Length)..].TrimStart(" \t\r\n:"u8);
        if (behind is not [(byte)'"', ..] || behind[1..].IndexOf((byte)'"') is not (> 0 and < 128 and var end)) return null;
        var id = behind.Slice(1, end);
        return id.StartsWith(Encoding.UTF8.GetBytes(ResponseId.Prefix)) && id.IndexOf((byte)'\\') < 0
            ? new ResponseId(Encoding.UTF8.GetString(id)) : null;
    }
}
