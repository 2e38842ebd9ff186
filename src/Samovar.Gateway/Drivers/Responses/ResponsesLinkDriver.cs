using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Links;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Responses over one link that all chains share. A link that is cut is opened again, and turns are read on from where it
/// broke.</summary>
/// <remarks>
/// 1 Take the chain's lane and send what is new, or a new one and send everything. 2 Read events to the terminal one, over however many
/// links. 3 Leave the lane with the new response.
/// </remarks>
internal sealed class ResponsesLinkDriver(UpstreamLinks links, UpstreamOptions options, IdSource ids) : IUpstreamDriver
{
    public async IAsyncEnumerable<BackendEvent> RunAsync(UpstreamCall call, [EnumeratorCancellation] CancellationToken attemptEnded)
    {
        if (call.Turn.Request.MakesNoWords)
        {
            foreach (var answer in WarmUp.Answer(call)) yield return answer;
            yield break;
        }
        var link = links.Begin(call);
        var lane = link.Take(call.Parent, out var isDelta); // :: 1
        var sentBefore = lane.Lane.BytesSent;
        var reader = new ResponsesReader(call, options, ids);
        call.IsDelta = isDelta;
        try
        {
            var request = LinkRequest.For(call, lane);
            call.Sent(0);
            await using var turn = lane.Lane.StreamAsync(request, attemptEnded).GetAsyncEnumerator(attemptEnded);
            await foreach (var reported in ResponseStream.ReadAsync(reader, call, () => NextAsync(turn, call))) // :: 2
                yield return reported;
        }
        finally
        {
            lane.GiveBack(); // :: 3
            call.Sent(lane.Lane.BytesSent - sentBefore);
            links.End(call, link);
        }
        yield return reader.Finished(reader.State(lane));
    }

    /// <summary>The next event that has words of the upstream's; null behind the last one.</summary>
    private static async ValueTask<RawJson?> NextAsync(IAsyncEnumerator<TurnEvent> turn, UpstreamCall call)
    {
        try
        {
            while (await turn.MoveNextAsync())
            {
                if (LinkEvents.JsonOf(turn.Current) is not { } json) continue;
                call.Heard(json.Utf8.Length);
                return json;
            }
            return null;
        }
        catch (ResponsesException refused)
        {
            throw new UpstreamException(LinkFaults.Of(refused), refused);
        }
    }
}
