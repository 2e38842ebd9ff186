using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;

namespace Samovar.Server.Http;

/// <summary>What is wrong with a request on the level of HTTP, as this server's errors: each kind keeps its status.</summary>
internal static class HttpFaults
{
    /// <summary>Whether reading a body failed by what the client sent; a chunk size that overflows comes as more than one kind.</summary>
    public static bool IsOfRequest(Exception exception) => exception
        is IOException or OverflowException or FormatException or ArgumentException or InvalidOperationException;

    /// <summary>What is wrong with what should have been the head of a request.</summary>
    /// <param name="method">Empty where that could not be read.</param>
    /// <param name="headTimeMax">How long it may take to come.</param>
    public static ApiException OfHead(BadHttpRequestException exception, string method, TimeSpan headTimeMax) => exception.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => new(Errors.RequestTooSlow, [headTimeMax], cause: exception),
        StatusCodes.Status405MethodNotAllowed when method.Length > 0 => new(Errors.MethodNotAllowed, [method], cause: exception),
        StatusCodes.Status505HttpVersionNotsupported => new(Errors.HttpVersion, [], cause: exception),
        _ => Of(exception),
    };

    public static ApiException Of(Exception exception) => (exception as BadHttpRequestException)?.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => new(Errors.BodyTooSlow, [], cause: exception),
        StatusCodes.Status414UriTooLong => new(Errors.UrlTooLong, [], cause: exception),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => new(Errors.HeadersTooLarge, [], cause: exception),
        null => new(Errors.InvalidHttp, ["its body is framed wrongly."], cause: exception),
        _ => new(Errors.InvalidHttp, [Sentence(exception.Message)], cause: exception),
    };

    /// <summary>The listener quotes nothing where nobody logs it, and then leaves empty quotes.</summary>
    private static string Sentence(string said)
    {
        const string nothing = ": ''";
        var text = said.EndsWith(nothing, StringComparison.Ordinal) ? said[..^nothing.Length] : said;
        return text.EndsWith('.') ? text : text + ".";
    }
}
