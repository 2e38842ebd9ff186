using Samovar.Protocol.Errors;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Responses;

namespace Samovar.Server.Http;

/// <summary>How an endpoint's clients read errors; endpoints without one speak OpenAI's shape.</summary>
/// <param name="Body">The body, from the error and the request's id.</param>
internal sealed record ErrorShape(Func<ApiException, string, byte[]> Body)
{
    public static readonly ErrorShape OpenAi = new(static (error, _) => ErrorBody.Http(error));
    public static readonly ErrorShape Anthropic = new(MessagesErrorBody.Bytes);
}
