using System.Globalization;
using System.Net;
using Samovar.Cluster;
using Samovar.Stores;

namespace Samovar.Server.Hosting;

/// <summary>What this node is called, and where its peers reach it.</summary>
/// <param name="Fault">What is missing or wrong, in sentences; the others are nothing then.</param>
internal sealed record ClusterPlace(NodeName Name, Uri? Address, IReadOnlyList<string> Fault)
{
    private const int NameCharsMax = 128;
    private const string NameKey = $"{ClusterOptions.Section}:{nameof(ClusterOptions.Name)}";
    private const string AddressKey = $"{ClusterOptions.Section}:{nameof(ClusterOptions.Address)}";

    /// <summary>What this node tells the others of itself.</summary>
    public NodeSelf Self(string version, string process) => new(Name, Address!, version, process);

    public static ClusterPlace Of(ClusterOptions cluster, ServerOptions server)
    {
        var faults = new List<string>();
        var name = cluster.Name is { Length: > 0 } given ? given
            : string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{server.Port}");
        if (name.Length > NameCharsMax || name.AsSpan().ContainsAnyExceptInRange('!', '~'))
            faults.Add($"{NameKey}: a node's name has up to {NameCharsMax} letters, digits and signs of ASCII, without spaces.");
        if (cluster.Name is not { Length: > 0 } && server.Port == 0)
            faults.Add($"{NameKey}: a node on a free port needs a name of its own; say --node-name NAME.");
        var address = cluster.Address is { Length: > 0 } said ? Read(said, faults) : Usual(server, faults);
        return new ClusterPlace(new NodeName(name), address, faults);
    }

    private static Uri? Read(string said, List<string> faults)
    {
        if (Uri.TryCreate(said, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            && address is { UserInfo.Length: 0, PathAndQuery: "/", Fragment.Length: 0 } && !IsWildcard(address.Host)) return address;
        faults.Add($"{AddressKey}: '{said}' is not where a node can be reached: http, a host and a port, such as http://10.0.0.5:8787.");
        return null;
    }

    private static Uri? Usual(ServerOptions server, List<string> faults)
    {
        if (server.Address() is not { } host) return null; // its own rule says so
        var why = server.Port == 0 ? "a free port is not known before"
            : IsWildcard(host.ToString()) ? $"Server:Host {server.Host} names all addresses of this machine"
            : IPAddress.IsLoopback(host) ? $"Server:Host {server.Host} is an address that other machines do not reach" : null;
        if (why is null) return new UriBuilder("http", host.ToString(), server.Port).Uri;
        var alone = IPAddress.IsLoopback(host) ? $" (http://{host}:{server.Port} where all nodes are on this machine)" : "";
        faults.Add(string.Create(CultureInfo.InvariantCulture,
            $"{AddressKey}: the other nodes must be told where they reach this one, and {why}; ")
            + $"say --cluster-address http://HOST:PORT{alone}.");
        return null;
    }

    private static bool IsWildcard(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
}
