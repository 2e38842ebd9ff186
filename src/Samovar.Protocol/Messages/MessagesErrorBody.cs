using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>Writes an error the way clients of the Messages API want it; <c>param</c> and <c>code</c> are additions.</summary>
public static class MessagesErrorBody
{
    /// <param name="requestId">Null inside a stream.</param>
    public static byte[] Bytes(ApiException error, string? requestId) => JsonBuffer.Bytes((error, requestId), static (writer, it) =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "error"u8);
        writer.WriteStartObject("error"u8);
        writer.WriteString("type"u8, TypeOf(it.error.Kind));
        writer.WriteString("message"u8, PromptTooLong.IsMeant(it.error.Kind) ? PromptTooLong.Say(it.error.Message) : it.error.Message);
        if (it.error.Param is not null) writer.WriteString("param"u8, it.error.Param);
        writer.WriteString("code"u8, it.error.Kind.Code);
        ThreadFailure.Of(it.error.Kind)?.WriteDetails(writer);
        writer.WriteEndObject();
        if (it.requestId is not null) writer.WriteString("request_id"u8, it.requestId);
        writer.WriteEndObject();
    });

    private static string TypeOf(ErrorKind kind) => kind.Status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 => "overloaded_error",
        504 => "timeout_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
