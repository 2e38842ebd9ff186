using System.Runtime.CompilerServices;
using Samovar.Backends.Upstream.Attempts;
using Samovar.Backends.Upstream.Http;
using Samovar.Backends.Upstream.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Upstream.Responses;

/// <summary>Asks a Responses upstream how many tokens a turn's input has: an attempt whose end has only that number.</summary>
internal sealed class ResponsesCounter(UpstreamHttp http) : IUpstreamDriver
{
    public async IAsyncEnumerable<BackendEvent> RunAsync(UpstreamCall call, [EnumeratorCancellation] CancellationToken attemptEnded)
    {
        var answer = await http.AskAsync(call, "responses/input_tokens", ResponsesBody.ForCount(call), attemptEnded);
        var tokens = answer.Number("input_tokens"u8)
            ?? throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, $"'{call.Destination.Name}' answered without a count."));
        yield return new BackendEvent.Finished(new Usage(tokens, 0, 0, 0));
    }
}
