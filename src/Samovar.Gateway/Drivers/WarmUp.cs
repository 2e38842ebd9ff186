using Samovar.Backends;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers;

/// <summary>A warm-up where the upstream has none: it makes no words, but the chain has its place from now on.</summary>
internal static class WarmUp
{
    public static IEnumerable<BackendEvent> Answer(UpstreamCall call)
    {
        call.Reach(CallPhase.Created);
        yield return new BackendEvent.Accepted(call.Model);
        var isLimit = call.Turn.Request.Generate; // a limit of no words was asked for, and is reached
        yield return new BackendEvent.Finished(Usage.Zero, isLimit ? "max_output_tokens" : null, call.NamelessState());
    }
}
