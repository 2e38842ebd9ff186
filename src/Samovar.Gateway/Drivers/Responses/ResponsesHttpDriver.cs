using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Http;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Responses over HTTP: <c>previous_response_id</c> where the upstream stores, the whole context otherwise.</summary>
internal sealed class ResponsesHttpDriver(UpstreamHttp http, UpstreamOptions options, IdSource ids) : IUpstreamDriver
{
    public async IAsyncEnumerable<BackendEvent> RunAsync(UpstreamCall call, [EnumeratorCancellation] CancellationToken attemptEnded)
    {
        if (call.Turn.Request.MakesNoWords)
        {
            foreach (var answer in WarmUp.Answer(call)) yield return answer;
            yield break;
        }
        var parent = call.Parent is { IsStored: true } state ? state.ResponseId : null;
        call.IsDelta = parent is not null;
        await using var sse = await http.PostAsync(call, "responses", ResponsesBody.For(call, parent, isFrame: false), attemptEnded);
        var reader = new ResponsesReader(call, options, ids);
        await foreach (var reported in ResponseStream.ReadAsync(reader, call, () => sse.NextAsync(attemptEnded))) yield return reported;
        yield return reader.Finished(reader.State());
    }
}
