using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Scheduling.Budgets;

namespace Samovar.Sessions;

/// <summary>What a client has said while a response was being made; it waits for what follows that response.</summary>
/// <param name="Id">Its name; null for outputs of calls, which have none.</param>
/// <param name="Response">The response that was being made.</param>
/// <param name="Input">The items.</param>
/// <param name="Said">As the frame had them: sent back where they become nothing.</param>
/// <param name="Bytes">Of the frame.</param>
internal sealed record Steer(SteerId? Id, ResponseId Response, IReadOnlyList<Item> Input, RawJson Said, int Bytes)
{
    /// <summary>The frame's memory, held while it waits; null where nobody counted it.</summary>
    public ByteClaim? Claim { get; init; }

    public ResponseEvent Accepted => Id is { } id ? new ResponseEvent.SteerAccepted(id, Response)
        : new ResponseEvent.InjectCreated(Response);

    /// <summary>Whether it has an output for that call.</summary>
    public bool Answers(string callId) => Input.Any(item => item is IToolOutput output && output.CallId == callId);

    /// <summary>Whether it is outputs that stand among a response's own items.</summary>
    public bool IsPartOf(IReadOnlyList<Item> output) => Id is null && Input.All(given => given is IToolOutput { CallId: { } id }
        && output.Any(item => item is IToolOutput own && own.CallId == id));

    /// <summary>The event that says that it becomes nothing.</summary>
    public byte[] Failed(ApiException error, LaneId lane, long number) => Id is { } id
        ? SteerBody.Failed(error, id, Response, lane, number, Said) : SteerBody.InjectFailed(error, Response, lane, number, Said);
}
