using Samovar.Backends.Embedded.Sampling;
using Samovar.Engine;
using Samovar.Protocol.Errors;

namespace Samovar.Backends.Embedded;

/// <summary>What the engine refuses, in the protocol's words.</summary>
internal static class EngineRefusals
{
    public static ApiException TooLong(int tokens, int contextTokens) =>
        new(Errors.ContextLengthExceeded, [tokens, contextTokens], param: "input");

    public static ApiException Refused(EngineAdmission admission, BindingGrammar? grammar) => admission switch
    {
        EngineAdmission.Busy busy => Overloaded(busy.RetryAfter),
        EngineAdmission.TooLong tooLong => TooLong(tooLong.PromptTokens, tooLong.ContextTokens),
        EngineAdmission.BadGrammar bad => new ApiException(Errors.GrammarRefused, bad.Reason, grammar?.Param),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>503, not 429: clients on a WebSocket take 429 for final.</summary>
    public static ApiException Overloaded(TimeSpan? retryAfter)
    {
        var wait = retryAfter ?? TimeSpan.FromSeconds(1);
        return new ApiException(Errors.ServerOverloaded, DurationText.Wait(wait), retryAfter: wait);
    }
}
