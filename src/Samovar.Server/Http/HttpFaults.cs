using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;

namespace Samovar.Server.Http;

/// <summary>What is wrong with a request on the level of HTTP, as this server's errors: each kind keeps its status.</summary>
internal static class HttpFaults
{
    /// <summary>Whether reading a body failed by what the client sent; a chunk size that overflows comes as more than one kind.</summary>
    public static bool IsOfRequest(Exception exception) => exception
        is IOException or OverflowException or FormatException or ArgumentException or InvalidOperationException;

    public static ApiException Of(Exception exception) => (exception as BadHttpRequestException)?.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => new(Errors.BodyTooSlow, [], cause: exception),
        StatusCodes.Status414UriTooLong or StatusCodes.Status431RequestHeaderFieldsTooLarge =>
            new(Errors.HeadersTooLarge, [], cause: exception),
        null => new(Errors.InvalidHttp, ["its body is framed wrongly."], cause: exception),
        _ => new(Errors.InvalidHttp, [exception.Message], cause: exception),
    };
}
