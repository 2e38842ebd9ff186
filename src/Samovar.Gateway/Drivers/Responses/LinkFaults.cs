using Samovar.Client.Errors;
using Samovar.Client.Transports;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Errors;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>What ended a turn on a link → the one fault.</summary>
internal static class LinkFaults
{
    public static UpstreamFault Of(ResponsesException refused)
    {
        var isOfLink = refused.InnerException is LinkLostException;
        var message = isOfLink ? NoLink(refused.Kind) : refused.IsForeign ? NoServer(refused.Status) : refused.Message;
        var status = refused.Status ?? (refused.Code == Errors.RequestTooLarge.Code ? Errors.RequestTooLarge.Status : 0);
        return new UpstreamFault(KindOf(refused), message, refused.Code, status)
        {
            Param = refused.Param,
            RetryAfter = refused.RetryAfter,
            IsQuoted = !isOfLink && !refused.IsForeign,
            IsBridged = isOfLink,
        };
    }

    /// <summary>The client's own words would tell the address.</summary>
    private static string NoLink(ResponsesErrorKind kind) => kind == ResponsesErrorKind.Unreachable
        ? "No connection came about for as long as one is waited for."
        : "The connection was lost, and none came about for as long as one is waited for.";

    /// <summary>A page would be no word to a client.</summary>
    private static string NoServer(int? status) => $"What answered is no server of the Responses API (HTTP {status}).";

    private static FaultKind KindOf(ResponsesException refused) => refused.Kind switch
    {
        _ when refused.IsParentLost || refused.Code == "previous_response_not_found" => FaultKind.ParentLost,
        // Nothing runs where there is no such server: it is waited for as a connection is.
        _ when refused.IsForeign && IsOfTheWay(refused.Status) => FaultKind.Connect,
        _ when refused is { IsForeign: false, Code: { } code } && code == Errors.ModelNotFound.Code => FaultKind.NoModel,
        ResponsesErrorKind.Authentication when refused.Status == 403
            && ContentRefusal.IsSaid(refused.Message, refused.Code) => FaultKind.Refused,
        ResponsesErrorKind.Authentication => FaultKind.Unauthorized,
        _ when refused.Status == 402 => FaultKind.Unauthorized,
        ResponsesErrorKind.RateLimited => FaultKind.RateLimited,
        ResponsesErrorKind.Unavailable or ResponsesErrorKind.Server => FaultKind.Server,
        ResponsesErrorKind.Unreachable => FaultKind.Connect,
        ResponsesErrorKind.Lost or ResponsesErrorKind.Failed => FaultKind.Lost,
        ResponsesErrorKind.TooLarge when refused.Status == 413 || refused.Code == Errors.RequestTooLarge.Code => FaultKind.Refused,
        ResponsesErrorKind.TooLarge => FaultKind.TooLarge,
        ResponsesErrorKind.Unreadable => FaultKind.Malformed,
        ResponsesErrorKind.Busy => FaultKind.NoRoom,
        _ when refused is { Code: null, Param: null, Status: { } status } =>
            FaultReader.OfStatus(status, isExplained: !refused.IsForeign, isAboutRequest: false),
        _ => FaultKind.Refused,
    };

    /// <summary>Whether a status without an error of the API is one that what stands before the server has, as a proxy or a login page;
    /// 407 is too, but for whoever set the proxy up to mend.</summary>
    private static bool IsOfTheWay(int? status) =>
        status is < 400 or 400 or 401 or 403 or 404 or 405 or 406 or 410 or 415 or 421 or 426 or 451 or 501 or 511;
}
