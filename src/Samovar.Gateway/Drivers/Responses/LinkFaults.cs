using Samovar.Client.Errors;
using Samovar.Client.Transports;
using Samovar.Gateway.Faults;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>What ended a turn on a link → the one fault.</summary>
internal static class LinkFaults
{
    public static UpstreamFault Of(ResponsesException refused)
    {
        var isOfLink = refused.InnerException is LinkLostException;
        return new UpstreamFault(KindOf(refused), isOfLink ? NoLink(refused.Kind) : refused.Message, refused.Code, refused.Status ?? 0)
        {
            Param = refused.Param,
            RetryAfter = refused.RetryAfter,
            IsQuoted = !isOfLink,
            IsBridged = isOfLink,
        };
    }

    /// <summary>The client's own words would tell the address.</summary>
    private static string NoLink(ResponsesErrorKind kind) => kind == ResponsesErrorKind.Unreachable
        ? "No connection came about for as long as one is waited for."
        : "The connection was lost, and none came about for as long as one is waited for.";

    private static FaultKind KindOf(ResponsesException refused) => refused.Kind switch
    {
        _ when refused.IsParentLost || refused.Code == "previous_response_not_found" => FaultKind.ParentLost,
        ResponsesErrorKind.Authentication => FaultKind.Unauthorized,
        ResponsesErrorKind.RateLimited => FaultKind.RateLimited,
        ResponsesErrorKind.Unavailable or ResponsesErrorKind.Server => FaultKind.Server,
        ResponsesErrorKind.Unreachable => FaultKind.Connect,
        ResponsesErrorKind.Lost or ResponsesErrorKind.Failed => FaultKind.Lost,
        ResponsesErrorKind.TooLarge => FaultKind.TooLarge,
        ResponsesErrorKind.Unreadable => FaultKind.Malformed,
        ResponsesErrorKind.Busy => FaultKind.NoRoom,
        _ => FaultKind.Refused,
    };
}
