using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Http;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Chat Completions, streamed: vLLM, SGLang, llama-server, Ollama, LM Studio and providers.</summary>
internal sealed class ChatDriver(UpstreamHttp http) : IUpstreamDriver
{
    public async IAsyncEnumerable<BackendEvent> RunAsync(UpstreamCall call, [EnumeratorCancellation] CancellationToken attemptEnded)
    {
        if (call.Turn.Request.MakesNoWords)
        {
            foreach (var answer in WarmUp.Answer(call)) yield return answer;
            yield break;
        }
        await using var sse = await http.PostAsync(call, "chat/completions", ChatBody.For(call), attemptEnded);
        var reader = new ChatReader(call);
        var events = new List<BackendEvent>();
        while (await sse.NextAsync(attemptEnded) is { } chunk)
        {
            events.Clear();
            reader.Read(chunk, events);
            foreach (var reported in events) yield return reported;
            sse.Finish(reader.Sign, hasUsage: reader.Usage is not null);
        }
        events.Clear();
        reader.End(sse.IsMarked, events);
        foreach (var reported in events) yield return reported;
        yield return new BackendEvent.Finished(reader.Usage, reader.IncompleteReason, call.NamelessState())
        {
            StopSequence = reader.StopSequence,
            AppliedEdits = call.Turn.Request.Edits.Count == 0 ? default : AppliedEdit.Json(call.AppliedEdits),
        };
    }
}
