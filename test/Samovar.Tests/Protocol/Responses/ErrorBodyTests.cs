using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Protocol.Responses;

public sealed class ErrorBodyTests
{
    private static readonly ApiException NotFound = new(Samovar.Protocol.Errors.Errors.PreviousResponseNotFound, "resp_abc",
        "previous_response_id");
    private static readonly ApiException Limited =
        new(Samovar.Protocol.Errors.Errors.RateLimited, TimeSpan.FromSeconds(2), retryAfter: TimeSpan.FromMilliseconds(1500));

    [Fact]
    public void HttpBody_HasFourFields() => Samples.SameJson("""
        {"error":{"message":"Previous response with id 'resp_abc' not found.","type":"invalid_request_error",
         "param":"previous_response_id",
                  "code":"previous_response_not_found"}}
        """, ErrorBody.Http(NotFound));

    [Fact]
    public void Envelope_HasItsStatus_AndNoLaneOnTheDefaultOne() => Samples.SameJson("""
        {"type":"error","status":400,"error":{"message":"Previous response with id 'resp_abc' not found.","type":"invalid_request_error",
         "param":"previous_response_id","code":"previous_response_not_found"}}
        """, ErrorBody.WebSocket(NotFound, LaneId.Default));

    [Fact]
    public void Envelope_NamesItsLane_AndSaysTwiceWhenToComeAgain() => Samples.SameJson("""
        {"type":"error","status":429,"stream_id":"main","error":{"message":"The rate limit is reached; try again in 2 s.",
         "type":"rate_limit_error","param":null,"code":"rate_limit_exceeded","headers":{"retry-after":"2"}},"headers":{"retry-after":"2"}}
        """, ErrorBody.WebSocket(Limited, new LaneId("main")));

    [Fact]
    public void ResponseError_HasCodeAndMessage() =>
        Assert.Equal(new ResponseError("rate_limit_exceeded", "The rate limit is reached; try again in 2 s."),
            ErrorBody.OfResponse(Limited));
}
