using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Responses;

namespace Samovar.Server.Http;

/// <summary>How a request's client reads errors: Anthropic's where the path or the client is Anthropic's, else OpenAI's.</summary>
/// <param name="Body">The body, from the error and the request's id.</param>
internal sealed record ErrorShape(Func<ApiException, string, byte[]> Body)
{
    private const string VersionHeader = "anthropic-version";
    private static readonly PathString MessagesPath = "/v1/messages";
    private static readonly PathString ModelsPath = "/v1/models";
    private static readonly ErrorShape OpenAi = new(static (error, _) => ErrorBody.Http(error));
    private static readonly ErrorShape Anthropic = new(MessagesErrorBody.Bytes);

    /// <summary>By the path, so that it holds where no endpoint answers it, too.</summary>
    public static ErrorShape Of(HttpRequest http) => IsAnthropic(http) ? Anthropic : OpenAi;

    /// <summary>Whether the client of a path that both have speaks Anthropic's protocol.</summary>
    public static bool SpeaksAnthropic(HttpRequest http) => http.Headers.ContainsKey(VersionHeader);

    /// <summary>Whether a request's answer is in Anthropic's form.</summary>
    public static bool IsAnthropic(HttpRequest http) => http.Path.StartsWithSegments(MessagesPath, StringComparison.OrdinalIgnoreCase)
        || http.Path.StartsWithSegments(ModelsPath, StringComparison.OrdinalIgnoreCase) && SpeaksAnthropic(http);
}
