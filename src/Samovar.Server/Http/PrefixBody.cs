using Samovar.Protocol.Chat;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Translation;

namespace Samovar.Server.Http;

/// <summary>The request inside an order to warm a prefix, read as the server reads it when it comes by itself.</summary>
/// <param name="Request">What it means.</param>
/// <param name="Places">What its fields are called where it came from; null where they have the same names.</param>
internal sealed record PrefixBody(CreateRequest Request, PlaceNames? Places)
{
    private const string Field = "request";

    /// <param name="protocol">Null: it shows.</param>
    /// <exception cref="ApiException">A field may not be so; <c>Param</c> is its path below <c>request</c>.</exception>
    public static PrefixBody Read(RawJson body, string? protocol, ProtocolLimits limits)
    {
        try
        {
            return (protocol ?? PrefixRequestReader.ProtocolOf(body, limits)) switch
            {
                PrefixRequestReader.Messages => Of(MessagesRequestReader.Read(body.Utf8, limits)),
                PrefixRequestReader.Chat => Of(ChatRequestReader.Read(body.Utf8, limits)),
                _ => new PrefixBody(CreateRequestReader.Read(body.Utf8, CreateRequestOrigin.Http, limits), null),
            };
        }
        catch (ApiException error)
        {
            throw Below(error);
        }
    }

    /// <summary>The same error about the field as the client knows it; one about the order's own fields is left as it is.</summary>
    public ApiException Explain(ApiException error) =>
        error.Param is null or Field or "name" or "keep" ? error : Below(Places?.Explain(error) ?? error);

    private static PrefixBody Of(TranslatedRequest translated) => new(translated.Request, translated.Places);

    private static ApiException Below(ApiException error) => error.At(error.Param is null ? Field : $"{Field}.{error.Param}");
}
