using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Errors;

namespace Samovar.Gateway.Choice;

/// <summary>The error that the client gets when a turn cannot be saved. The codes are the public ones: clients match on them.</summary>
internal static class FaultAnswer
{
    private static readonly TimeSpan RetryAfterDefault = TimeSpan.FromSeconds(5);

    /// <summary>An upstream that has begun to answer took the request: only an error with a code of its own may still blame it.</summary>
    public static ApiException For(UpstreamFault fault, UpstreamCall call) =>
        call.Destination.IsOfCallers && OfOwnKey(fault) is { } own ? own
        : fault.Kind == FaultKind.NoModel ? NoModel(fault, call.Destination.IsConfigured(call.Model) && !call.Destination.IsOfCallers)
        : call.Turn.Request.MaxOutputTokens is null && ContextOverflow.IsSaidOfBoth(fault)
            ? For(fault with { Code = Errors.ContextLengthExceeded.Code, Type = null, Param = null })
        : For(call.Phase == CallPhase.Output && fault is { Kind: FaultKind.Refused, Code: null, Param: null }
            ? fault with { Kind = FaultKind.Server } : fault);

    public static ApiException For(UpstreamFault fault) => fault.Kind switch
    {
        FaultKind.Refused => Refused(fault),
        FaultKind.RateLimited => RateLimited(fault),
        FaultKind.NoRoom => new ApiException(
            Errors.ServerOverloaded, DurationText.Wait(RetryAfterDefault), retryAfter: RetryAfterDefault),
        FaultKind.Silence => new ApiException(Errors.UpstreamTimedOut, fault.Message),
        FaultKind.Unauthorized => new ApiException( // its own words may quote the key
            Errors.UpstreamFailed, fault.IsPage ? $"what answered in its place is none of its API (HTTP {fault.Status})."
                : fault.Status switch
                {
                    402 => "its account is not paid for.",
                    407 => "a proxy on the way to it wants a key of its own (407).",
                    _ => "it refused the key.",
                }),
        _ => new ApiException(Errors.UpstreamFailed, fault.Message, retryAfter: fault.RetryAfter),
    };

    /// <summary>Whose fault it is depends on who named the model.</summary>
    private static ApiException NoModel(UpstreamFault fault, bool isConfigured) => isConfigured
        ? new ApiException(Errors.UpstreamFailed, fault.Message)
        : new ApiException(Errors.ModelNotFound with { Message = "{0}" }, fault.Message, param: "model");

    /// <summary>The client's own key is its own affair, and no failure of the upstream; null where it is about something else.</summary>
    private static ApiException? OfOwnKey(UpstreamFault fault) => fault switch
    {
        { Kind: not FaultKind.Unauthorized } or { Status: 407 } or { IsPage: true } => null, // a proxy on the way does not know us
        { Status: 402 } => new ApiException(Errors.KeyUnpaidThere),
        { Status: 403 } or { Status: not 401, Type: "permission_error" } => new ApiException(Errors.KeyForbiddenThere),
        _ => new ApiException(Errors.KeyRefusedThere),
    };

    /// <param name="route">Why there is no place.</param>
    public static ApiException For(DestinationRoute route, string model) => route is DestinationRoute.Nowhere nowhere
        ? For(nowhere.Soonest)
        : new ApiException(Errors.MakerGone, model, param: "input");

    private static ApiException For(Refusal refusal)
    {
        var kind = refusal.Reason switch
        {
            RefusalReason.Unhealthy or RefusalReason.CircuitOpen => Errors.UpstreamUnavailable,
            RefusalReason.InFlight or RefusalReason.Share => Errors.ServerOverloaded, // ours, and soon over: agents give up at a 429
            _ => Errors.RateLimited,
        };
        return new ApiException(kind, DurationText.Wait(refusal.RetryAfter), retryAfter: refusal.RetryAfter);
    }

    /// <summary>An upstream's own refusal of the request is passed on as it is.</summary>
    private static ApiException Refused(UpstreamFault fault)
    {
        var status = fault.Status is >= 400 and < 500 ? fault.Status : 400;
        var type = fault.Type is null or "error" ? "invalid_request_error" : fault.Type;
        var code = fault.Code ?? "invalid_request_error";
        return new ApiException(new ErrorKind(code, type, status, Retryable: false, "{0}"), fault.Message, fault.Param);
    }

    private static ApiException RateLimited(UpstreamFault fault)
    {
        var retryAfter = fault.RetryAfter ?? RetryAfterDefault;
        return fault.Code is null or "rate_limit_exceeded"
            ? new ApiException(Errors.RateLimited, DurationText.Wait(retryAfter), retryAfter: retryAfter)
            : new ApiException(new ErrorKind(fault.Code, fault.Type ?? "rate_limit_error", 429, Retryable: true, "{0}"), fault.Message,
                retryAfter: retryAfter);
    }
}
