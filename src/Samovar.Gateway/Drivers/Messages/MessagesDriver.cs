using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Http;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>Anthropic's Messages, streamed.</summary>
internal sealed class MessagesDriver(UpstreamHttp http, IdSource ids) : IUpstreamDriver
{
    public async IAsyncEnumerable<BackendEvent> RunAsync(UpstreamCall call, [EnumeratorCancellation] CancellationToken attemptEnded)
    {
        if (!call.Turn.Request.Generate)
        {
            foreach (var answer in WarmUp.Answer(call)) yield return answer;
            yield break;
        }
        await using var sse = await http.PostAsync(call, "messages", MessagesBody.For(call), attemptEnded);
        var reader = new MessagesReader(call, ids);
        var events = new List<BackendEvent>();
        while (!reader.IsEnded)
        {
            events.Clear();
            if (await sse.NextAsync(attemptEnded) is { } json) reader.Read(json, events);
            else if (reader.IsFinished) reader.End(events); // some leave out the last event
            else throw new IOException("The stream ended before the answer did.");
            foreach (var reported in events) yield return reported;
            sse.Finish(reader.Sign, hasUsage: true); // both come in one event
        }
        yield return new BackendEvent.Finished(reader.Usage, reader.IncompleteReason, call.NamelessState())
        {
            StopSequence = reader.StopSequence,
            StopReason = reader.StopReason,
            AppliedEdits = reader.AppliedEdits,
            MessagesEnd = reader.Said,
        };
    }
}
