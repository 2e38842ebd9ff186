using System.Globalization;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Json;

/// <summary>A number that tells things apart, such as an index; proxies write it as text, too.</summary>
internal static class WholeNumber
{
    /// <summary>Null where it is missing or says nothing.</summary>
    public static int? Of(RawJson json, ReadOnlySpan<byte> name)
    {
        var field = json.Field(name);
        if (field.AsNumber() is { } number) return number;
        return int.TryParse(field.AsText(), NumberStyles.None, CultureInfo.InvariantCulture, out var written) ? written : null;
    }
}
