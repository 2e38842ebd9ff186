using Microsoft.Extensions.Logging;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire.Http;

namespace Samovar.Gateway.Wire.Sockets;

/// <summary>The sockets to all destinations: one pool for each that is in force. Safe for all threads.</summary>
/// <remarks>
/// A turn that began under an older configuration may come with a destination that is no longer there: its sockets are not kept, and
/// nothing stays behind for it.
/// </remarks>
internal sealed class SocketPools(UpstreamHttp http, UpstreamOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, UpstreamSockets> _pools = new(StringComparer.Ordinal); // by the destinations' origins
    private IReadOnlySet<string>? _inForce; // null: all, nothing was reloaded yet
    private bool _isClosed;

    /// <summary>Sockets that no turn uses.</summary>
    public int IdleSockets { get { lock (_lock) return _pools.Values.Sum(pool => pool.IdleCount); } }

    /// <summary>Pools that are kept.</summary>
    public int Count { get { lock (_lock) return _pools.Count; } }

    public UpstreamSockets Of(Destination destination)
    {
        lock (_lock)
        {
            if (_pools.TryGetValue(destination.Origin, out var known)) return known;
            var made = new UpstreamSockets(http, options, destination.Dialect.SocketLifetime, time, logger);
            if (_isClosed || _inForce?.Contains(destination.Origin) == false) made.Dispose(); // works, and keeps nothing
            else _pools[destination.Origin] = made;
            return made;
        }
    }

    /// <summary>Closes what is idle at destinations that are no longer there, or no longer the same.</summary>
    public void KeepOnly(IReadOnlySet<string> origins)
    {
        List<UpstreamSockets> gone;
        lock (_lock)
        {
            _inForce = origins;
            gone = [.. _pools.Where(pool => !origins.Contains(pool.Key)).Select(pool => pool.Value)];
            foreach (var origin in _pools.Keys.Where(origin => !origins.Contains(origin)).ToList()) _pools.Remove(origin);
        }
        foreach (var pool in gone) pool.Dispose();
    }

    public void Dispose()
    {
        List<UpstreamSockets> all;
        lock (_lock)
        {
            _isClosed = true;
            all = [.. _pools.Values];
            _pools.Clear();
        }
        foreach (var pool in all) pool.Dispose();
    }
}
