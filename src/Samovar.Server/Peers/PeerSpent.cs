using System.Text.Json;
using System.Text.Json.Serialization;
using Samovar.Protocol.Responses;

namespace Samovar.Server.Peers;

/// <summary>What a turn used that came to no end of its own, as nodes tell each other: its client's events do not say it.</summary>
internal sealed record PeerSpent(int InputTokens, int CachedTokens, int OutputTokens)
{
    public static PeerSpent Of(Usage usage) => new(usage.InputTokens, usage.CachedTokens, usage.OutputTokens);

    /// <summary>Null where it is not said: a node of an older version says nothing.</summary>
    public static Usage? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return json.IsEmpty || JsonSerializer.Deserialize(json, PeerSpentJson.Default.PeerSpent) is not { } said ? null
                : new Usage(said.InputTokens, said.CachedTokens, said.OutputTokens, 0);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public byte[] Json() => JsonSerializer.SerializeToUtf8Bytes(this, PeerSpentJson.Default.PeerSpent);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PeerSpent))]
internal sealed partial class PeerSpentJson : JsonSerializerContext;
