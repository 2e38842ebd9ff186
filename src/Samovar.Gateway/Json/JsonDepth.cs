using System.Text.Json;

namespace Samovar.Gateway.Json;

/// <summary>How deep a JSON text is nested.</summary>
internal static class JsonDepth
{
    /// <summary>Whether there are more levels than that; a text that is broken before its end counts as one that has.</summary>
    public static bool IsBeyond(ReadOnlySpan<byte> text, int levelsMax)
    {
        if (text.Count((byte)'{') + text.Count((byte)'[') <= levelsMax) return false; // most texts: counting is much faster than reading
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = levelsMax + 1 });
        try
        {
            while (reader.Read())
            {
                var isLevel = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
                if (isLevel && reader.CurrentDepth >= levelsMax) return true;
            }
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }
}
