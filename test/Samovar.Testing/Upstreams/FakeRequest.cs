using System.Text.Json;

namespace Samovar.Testing.Upstreams;

/// <summary>One request as a fake upstream saw it.</summary>
/// <param name="Connection">Which socket it came on; -1 for HTTP.</param>
internal sealed record FakeRequest(byte[] Body, IReadOnlyDictionary<string, string> Headers, int Connection)
{
    public JsonElement Json { get; } = JsonDocument.Parse(Body, new JsonDocumentOptions { MaxDepth = 1000 }).RootElement;
    public string? PreviousResponseId => Json.TryGetProperty("previous_response_id", out var id) ? id.GetString() : null;
    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}
