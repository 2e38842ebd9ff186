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
    /// <summary>Ends of names that no registry gives to anybody.</summary>
    private static readonly string[] PrivateEnds = [".local", ".localhost", ".internal", ".home.arpa"];
    private readonly HashSet<string> _named = new(named, StringComparer.OrdinalIgnoreCase);

    /// <param name="host">As a request names it, without the port.</param>
    public bool Has(string host) => IsThisMachine(host) || _named.Contains(host) || (isOpenToAll && IsNobodyElses(host));

    public static bool IsThisMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (AddressOf(host) is { } address && IPAddress.IsLoopback(address));

    /// <summary>An address, a name of one word as networks of one's own have them, or one that ends as theirs do. A request without a
    /// name comes from no browser.</summary>
    private static bool IsNobodyElses(string host) =>
        !host.Contains('.', StringComparison.Ordinal) || AddressOf(host) is not null
        || PrivateEnds.Any(end => host.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    private static IPAddress? AddressOf(string host) => IPAddress.TryParse(host.Trim('[', ']'), out var address) ? address : null;
}
