using System.Net;
using System.Net.Sockets;

namespace Samovar.Server.Tools;

/// <summary>Which addresses are the whole world's, and which are of some network's inside.</summary>
internal static class AddressSpace
{
    /// <summary>Networks that no public server is in: this host, private and shared ones, link-local, documentation, benchmarks,
    /// multicast, what is reserved.</summary>
    private static readonly IPNetwork[] Inside = [.. new[]
    {
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/127", "::/96", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
        "ff00::/8",
    }.Select(static text => IPNetwork.Parse(text))];

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork LocallyTranslated = IPNetwork.Parse("64:ff9b:1::/48");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>Whether it is public; one that holds another address is what that is.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            if (LocallyTranslated.Contains(address)) return false;
            var bytes = address.GetAddressBytes();
            if (Translated.Contains(address)) return IsPublic(new IPAddress(bytes.AsSpan(12)));
            if (SixToFour.Contains(address)) return IsPublic(new IPAddress(bytes.AsSpan(2, 4)));
        }
        return !Array.Exists(Inside, network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address));
    }
}
