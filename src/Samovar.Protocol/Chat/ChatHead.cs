using System.Text.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Chat;

/// <summary>What every chunk begins with.</summary>
internal sealed record ChatHead(string Id, long Created, string Model, string? ServiceTier)
{
    private const string OurPrefix = "resp_";

    public static ChatHead Of(ResponseView response)
    {
        var id = response.Id?.Value ?? "";
        return new(
            "chatcmpl-" + (id.StartsWith(OurPrefix, StringComparison.Ordinal) ? id[OurPrefix.Length..] : id),
            response.CreatedAt?.ToUnixTimeSeconds() ?? 0, response.Model ?? "", response.ServiceTier);
    }

    public void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> kind)
    {
        writer.WriteString("id"u8, Id);
        writer.WriteString("object"u8, kind);
        writer.WriteNumber("created"u8, Created);
        writer.WriteString("model"u8, Model);
        if (ServiceTier is not null) writer.WriteString("service_tier"u8, ServiceTier);
    }
}
