using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Gateway.Wire.Http;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers;

/// <summary>Asks an upstream how many tokens a turn's input has: an attempt whose end has only that number.</summary>
/// <param name="http">How it is asked.</param>
/// <param name="path">Where its protocol has the question.</param>
/// <param name="question">The question's body.</param>
internal sealed class InputCounter(UpstreamHttp http, string path, Func<UpstreamCall, UpstreamBody> question) : IUpstreamDriver
{
    public async IAsyncEnumerable<BackendEvent> RunAsync(UpstreamCall call, [EnumeratorCancellation] CancellationToken attemptEnded)
    {
        var answer = await http.AskAsync(call, path, question(call), attemptEnded);
        var tokens = answer.Number("input_tokens"u8)
            ?? throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "It answered without a count."));
        yield return new BackendEvent.Finished(new Usage(tokens, 0, 0, 0));
    }
}
