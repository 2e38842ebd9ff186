using Microsoft.AspNetCore.Http;
using Samovar.Budgets;
using Samovar.Protocol.Errors;
using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>The memory of one HTTP request: of its body, from its first byte to the end of its turn, and of its events.</summary>
internal sealed class BodyRoom(MemoryShares memory, FlowId flow, int copies = 1) : IDisposable
{
    private ByteClaim? _decoder; // few bodies are compressed

    /// <summary>What the body is counted by.</summary>
    public ByteClaim Claim { get; } = new(memory.Bodies, flow);

    /// <summary>What the turn's events are counted by.</summary>
    public LogRoom Logs { get; } = new(memory.Logs, flow);

    /// <summary>Counts a whole body as what is held of it while its turn runs; false when there is no room for that.</summary>
    public bool TryHold(long jsonBytes) => Claim.TrySet(copies * RequestWeight.Of(jsonBytes));

    /// <summary>Counts what decoding a compressed body takes, until it is over.</summary>
    /// <exception cref="ApiException">There is no room for it.</exception>
    public void HoldDecoder(long bytes)
    {
        if (!(_decoder ??= new ByteClaim(memory.Bodies, flow)).TrySet(bytes)) throw memory.NoRoom(memory.Bodies, bytes, bytes);
    }

    public void FreeDecoder() => _decoder?.TrySet(0);

    public ApiException NoRoom(long jsonBytes) => memory.NoRoom(memory.Bodies, copies * RequestWeight.Of(jsonBytes), jsonBytes);

    public void Dispose()
    {
        Claim.Dispose();
        _decoder?.Dispose();
        Logs.Dispose();
    }
}
