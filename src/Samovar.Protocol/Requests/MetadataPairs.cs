using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>What metadata says, key by key.</summary>
public static class MetadataPairs
{
    /// <summary>Of metadata that was accepted before; of a key that stands there twice the last value.</summary>
    public static IReadOnlyDictionary<string, string> Of(RawJson metadata)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        if (metadata.IsEmpty || !metadata.IsObject) return pairs;
        var json = new JsonCursor(metadata.Utf8, ProtocolLimits.None);
        json.Read();
        while (json.NextField())
        {
            var key = json.Text;
            json.Read();
            pairs[key] = json.Text(int.MaxValue);
        }
        return pairs;
    }
}
