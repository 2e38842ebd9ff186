using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Samovar.Server.WebSockets;

/// <summary>One offer of permessage-deflate (RFC 7692, 7.1) that can be accepted as it stands.</summary>
/// <param name="KeepsWindow">False where the client wants each message compressed alone, its own and the server's.</param>
/// <param name="Text">The offer with plain values, as the framework reads it.</param>
internal sealed record DeflateOffer(bool KeepsWindow, string Text)
{
    private const string Name = "permessage-deflate";
    private const string ServerAlone = "server_no_context_takeover", ClientAlone = "client_no_context_takeover";
    private const string ServerBits = "server_max_window_bits", ClientBits = "client_max_window_bits";
    private const int BitsMin = 9, BitsMax = 15; // zlib has no window of 8 bits

    /// <summary>The first offer that is one: an unknown or repeated parameter, or a value that it cannot have, declines its offer
    /// alone. Null without an offer.</summary>
    public static DeflateOffer? First(StringValues headers)
    {
        foreach (var header in headers)
            foreach (var extension in Split(header ?? "", ','))
                if (Read(Split(extension, ';')) is { } offer) return offer;
        return null;
    }

    private static DeflateOffer? Read(List<string> parts)
    {
        if (!string.Equals(parts[0], Name, StringComparison.OrdinalIgnoreCase)) return null;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var text = new StringBuilder(Name);
        foreach (var part in parts.Skip(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? part : part[..equals]).Trim().ToLowerInvariant();
            var value = equals < 0 ? null : Unquoted(part[(equals + 1)..].Trim());
            if (!seen.Add(name) || !IsParameter(name, value)) return null;
            text.Append("; ").Append(name);
            if (value is not null) text.Append('=').Append(value);
        }
        return new DeflateOffer(!(seen.Contains(ServerAlone) && seen.Contains(ClientAlone)), text.ToString());
    }

    /// <summary>The offer where there is no room for windows: a server may ask for messages that the client compresses alone, whatever was
    /// offered.</summary>
    public string WithoutWindow =>
        Text.Contains(ClientAlone, StringComparison.Ordinal) ? Text : string.Concat(Text, "; ", ClientAlone);

    private static bool IsParameter(string name, string? value) => name switch
    {
        ServerAlone or ClientAlone => value is null,
        ServerBits => value is not null && IsBits(value),
        ClientBits => value is null || IsBits(value),
        _ => false,
    };

    private static bool IsBits(string value) => !value.StartsWith('0')
        && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits is >= BitsMin and <= BitsMax;

    private static string Unquoted(string value) =>
        value is ['"', .., '"'] ? value[1..^1].Replace("\\", "", StringComparison.Ordinal) : value;

    /// <summary>Splits where the separator is outside of quotes.</summary>
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var (begin, isQuoted) = (0, false);
        for (var at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && text[at] == '"') isQuoted = !isQuoted;
            if (at < text.Length && (isQuoted || text[at] != separator)) continue;
            parts.Add(text[begin..at].Trim());
            begin = at + 1;
        }
        return parts;
    }
}
