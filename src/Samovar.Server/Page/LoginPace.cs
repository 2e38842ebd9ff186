using System.Net;
using System.Net.Sockets;
using Samovar.Protocol.Errors;

namespace Samovar.Server.Page;

/// <summary>Makes those wait who try wrong keys, by their address; what they try while they wait is not looked at.</summary>
/// <remarks>An attempt counts as a failure until it is forgiven, so that many at once are not more than one after the other.</remarks>
internal sealed class LoginPace(PageOptions options, TimeProvider time)
{
    private const int DoublingsMax = 20;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Failures> _failures = [];
    private readonly Failures _others = new(); // of the addresses that there is no room for

    /// <summary>An attempt begins.</summary>
    /// <exception cref="ApiException">The address has to wait first.</exception>
    public void Enter(IPAddress? address)
    {
        lock (_gate)
        {
            var failures = Of(NetworkOf(address), isToBeKept: true);
            var now = time.GetTimestamp();
            if (failures.Count > 0 && time.GetElapsedTime(failures.At, now) >= options.LoginWaitMax) failures.Count = 0;
            var wait = failures.Count < options.LoginFailuresMax ? TimeSpan.Zero
                : WaitAfter(failures.Count) - time.GetElapsedTime(failures.At, now);
            if (wait > TimeSpan.Zero) throw new ApiException(Errors.RateLimited, wait, retryAfter: wait);
            (failures.Count, failures.At) = (failures.Count + 1, now);
        }
    }

    /// <summary>The attempt had a good key.</summary>
    public void Forgive(IPAddress? address)
    {
        lock (_gate)
        {
            var network = NetworkOf(address);
            Of(network, isToBeKept: false).Count = 0;
            _failures.Remove(network);
        }
    }

    private Failures Of(IPAddress address, bool isToBeKept)
    {
        if (_failures.TryGetValue(address, out var known)) return known;
        if (_failures.Count >= options.LoginAddressesMax)
            foreach (var (old, failures) in _failures)
                if (time.GetElapsedTime(failures.At) >= options.LoginWaitMax) _failures.Remove(old);
        if (_failures.Count >= options.LoginAddressesMax || !isToBeKept) return isToBeKept ? _others : new Failures();
        return _failures[address] = new Failures();
    }

    private TimeSpan WaitAfter(int failures)
    {
        var wait = TimeSpan.FromSeconds(1L << Math.Min(DoublingsMax, failures - options.LoginFailuresMax));
        return wait < options.LoginWaitMax ? wait : options.LoginWaitMax;
    }

    /// <summary>Who has an IPv6 address has a whole network of them.</summary>
    private static IPAddress NetworkOf(IPAddress? address)
    {
        if (address is null) return IPAddress.None;
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes);
    }

    private sealed class Failures
    {
        public int Count;
        public long At;
    }
}
