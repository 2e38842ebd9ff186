using Samovar.Protocol.Errors;
using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Translation;

/// <summary>The error behind a response that failed: protocols without such responses answer with the error itself.</summary>
public static class ResponseFailure
{
    public static ApiException Of(ResponseView response)
    {
        var kind = response.Error is { Code: var code } ? Errors.Errors.All.FirstOrDefault(kind => kind.Code == code) : null;
        return response.Error is { Message: var message } ? ApiException.With(kind ?? Errors.Errors.Internal, message)
            : new ApiException(Errors.Errors.Internal);
    }
}
