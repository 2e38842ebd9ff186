using Samovar.Protocol.Errors;
using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Translation;

/// <summary>The error behind a response that failed: protocols without such responses answer with the error itself.</summary>
public static class ResponseFailure
{
    public static ApiException Of(ResponseView response) => response.Error is { } error
        ? ApiException.With(KindOf(error), error.Message) : new ApiException(Errors.Errors.Internal);

    /// <summary>A response keeps the code alone. Several errors share one, under different statuses: the words tell which it was.</summary>
    private static ErrorKind KindOf(ResponseError error)
    {
        var kinds = Errors.Errors.All.Where(kind => kind.Code == error.Code).ToList();
        return kinds.Find(kind => Beginning(kind) is { Length: > 0 } words && error.Message.StartsWith(words, StringComparison.Ordinal))
            ?? kinds.FirstOrDefault() ?? Errors.Errors.Internal;
    }

    private static string Beginning(ErrorKind kind) => kind.Message.Split('{')[0];
}
