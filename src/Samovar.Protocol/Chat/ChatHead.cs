using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Chat;

/// <summary>What every chunk begins with.</summary>
internal sealed record ChatHead(string Id, long Created, string Model, string? ServiceTier)
{
    private const string OurPrefix = "resp_", Prefix = "chatcmpl-";

    /// <summary>What a completion's id may be the name of: a response of ours, or one that came under its maker's own name.</summary>
    public static IEnumerable<ResponseId> ResponsesOf(string completion) => !completion.StartsWith(Prefix, StringComparison.Ordinal) ? []
        : [new ResponseId(OurPrefix + completion[Prefix.Length..]), new ResponseId(completion[Prefix.Length..])];

    /// <summary>The name of a response as a completion.</summary>
    public static string IdOf(ResponseId response) => Prefix +
        (response.Value.StartsWith(OurPrefix, StringComparison.Ordinal) ? response.Value[OurPrefix.Length..] : response.Value);

    public static ChatHead Of(ResponseView response) => new(
        IdOf(response.Id ?? new ResponseId("")), response.CreatedAt?.ToUnixTimeSeconds() ?? 0, response.Model ?? "", response.ServiceTier);

    public void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> kind)
    {
        writer.WriteString("id"u8, Id);
        writer.WriteString("object"u8, kind);
        writer.WriteNumber("created"u8, Created);
        writer.WriteString("model"u8, Model);
        if (ServiceTier is not null) writer.WriteString("service_tier"u8, ServiceTier);
    }
}
