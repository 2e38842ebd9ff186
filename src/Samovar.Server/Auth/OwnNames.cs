using System.Net;

namespace Samovar.Server.Auth;

/// <summary>
/// The names under which a server that needs no key answers. Whoever owns a name can point it at any address, and the pages behind that
/// name then ask this server as if it were theirs (DNS rebinding): so none of them is a name that a stranger can own.
/// </summary>
/// <param name="isOpenToAll">Whether the operator let others than this machine in.</param>
/// <param name="named">Names that the operator gives it.</param>
internal sealed class OwnNames(bool isOpenToAll, IEnumerable<string> named)
{
    /// <summary>Ends of names that no registry gives to anybody: special ones (RFC 6761, RFC 6762 with its appendix G, RFC 8375) and what
    /// a cluster of Kubernetes adds to a service's name.</summary>
    private static readonly string[] PrivateEnds =
    [
        ".local", ".localhost", ".internal", ".home.arpa", ".intranet", ".private", ".corp", ".home", ".lan", ".localdomain", ".svc",
    ];

    private readonly HashSet<string> _named = new(named.Select(Plain), StringComparer.OrdinalIgnoreCase);

    /// <param name="host">As a request names it, without the port.</param>
    public bool Has(string host) => Plain(host) is var name
        && (IsThisMachine(name) || _named.Contains(name) || (isOpenToAll && IsNobodyElses(host, name)));

    public static bool IsThisMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (AddressOf(host) is { } address && IPAddress.IsLoopback(address));

    /// <summary>An address, a name of one word as networks of one's own have them (with a point behind it, it is a registry's), or one that
    /// ends as theirs do. A request without a name comes from no browser.</summary>
    private static bool IsNobodyElses(string host, string name) =>
        !host.Contains('.', StringComparison.Ordinal) || AddressOf(name) is not null
        || PrivateEnds.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    private static IPAddress? AddressOf(string host) => IPAddress.TryParse(Plain(host), out var address) ? address : null;

    /// <summary>Without a root's point behind it (<c>samovar.local.</c>) and an address's brackets.</summary>
    private static string Plain(string host) => (host.EndsWith('.') ? host[..^1] : host).Trim('[', ']');
}
