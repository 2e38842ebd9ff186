using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Frames;

public sealed class ClientFrameReaderTests
{
    [Fact]
    public void CodexFrames_OfAllShapes_AreRead()
    {
        var prewarm = Create(Samples.CodexPrewarm);
        Assert.True(prewarm is { Generate: false, Store: false, Tools.Tools.Count: 3, ReasoningEffort: "medium",
            ReasoningSummary: "auto" });
        Assert.Equal("client_metadata", prewarm.Fields[^1].Key);
        var delta = Create(Samples.CodexDelta);
        Assert.Equal(("resp_1", "low", false), (delta.PreviousResponseId!.Value.Value, delta.Verbosity, delta.ParallelToolCalls));
        Assert.Equal("call_1", Assert.IsType<FunctionCallOutputItem>(Assert.Single(delta.Input)).CallId);
        Assert.Equal("lark", Assert.IsType<Tool.Custom>(delta.Tools!.Tools[0]).Syntax);
        var lite = Create(Samples.CodexLite);
        Assert.True(lite is { Tools: null, Input.Count: 5 });
        Assert.True(Create("""{"type":"response.create","model":"m","input":[],"generate":false}""") is { HasInput: true,
            Input.Count: 0 });
    }

    [Theory]
    [InlineData("response.steer")]
    [InlineData("response.inject")]
    public void WordsForARunningResponse_HaveTheBoundsOfOtherFrames(string type)
    {
        var fields = string.Concat(Enumerable.Range(0, ProtocolLimits.Default.FieldsMax + 1).Select(n => $",\"a{n}\":0"));
        var crowded = Read($$"""{"type":"{{type}}"{{fields}}}""");
        var fault = crowded is ClientFrame.Steer steer ? steer.Fault : Assert.IsType<ClientFrame.Inject>(crowded).Fault;
        Assert.Contains($"{ProtocolLimits.Default.FieldsMax}", fault!.Message, StringComparison.Ordinal);
        var broken = Assert.Throws<ApiException>(() => Read($$"""{"type":"{{type}}"} behind"""));
        Assert.Equal(Samovar.Protocol.Errors.Errors.InvalidJson, broken.Kind);
    }

    [Fact]
    public void Type_MayStandLast() => Assert.True(Create(Samples.Agents) is { Instructions: "Be short.", Input.Count: 3, Stream: false });

    [Fact]
    public void FrameWithoutType_IsBare()
    {
        var bare = Assert.IsType<ClientFrame.Bare>(Read(Samples.Bare)).Request;
        Assert.True(bare is { Model: null, Instructions: null, Tools: null, HasInput: true });
        Assert.IsType<ClientFrame.Bare>(Read("""{"type":null,"model":"m","input":"x"}"""));
        Assert.IsType<ClientFrame.Bare>(Read("""{"input":[]}"""));
    }

    [Fact]
    public void Cancel_NamesLaneAndResponse()
    {
        Assert.Equal(new ClientFrame.Cancel(new LaneId("a"), new ResponseId("resp_1")), Read(Samples.Cancel));
        Assert.Equal(new ClientFrame.Cancel(LaneId.Default, null), Read("""{"type":"response.cancel"}"""));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("A.b-c_9")]
    public void LaneNames_AreTaken(string name) => Assert.Equal(new LaneId(name), Create(Lane($"\"{name}\"")).Lane);

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"a b\"")]
    [InlineData("\"ä\"")]
    [InlineData("\"a\\u0000\"")]
    [InlineData("7")]
    [InlineData("[]")]
    public void LaneNames_AreRefused_WithoutALane(string name)
    {
        var error = Refused(Lane(name));
        Assert.Equal(("invalid_stream_id", "stream_id", null), (error.Kind.Code, error.Param, error.Frame));
    }

    [Fact]
    public void LaneNames_AreBounded()
    {
        Assert.Equal(256, Create(Lane($"\"{new string('x', 256)}\"")).Lane.Name!.Length);
        Assert.Equal("invalid_stream_id", Refused(Lane($"\"{new string('x', 257)}\"")).Kind.Code);
    }

    [Theory]
    [InlineData("""{"type":"response.sing"}""", "unknown_event_type", "type")]
    [InlineData("""{"type":""}""", "unknown_event_type", "type")]
    [InlineData("""{"type":7}""", "invalid_type", "type")]
    [InlineData("""{"type":"response.create","type":"response.cancel"}""", "duplicate_parameter", "type")]
    [InlineData("""{"type":"response.cancel","response_id":7}""", "invalid_type", "response_id")]
    [InlineData("""{}""", "missing_required_parameter", "type")]
    [InlineData("""{"foo":1}""", "missing_required_parameter", "type")]
    [InlineData("""[{"type":"response.create"}]""", "invalid_type", null)]
    [InlineData("ping", "invalid_json", null)]
    [InlineData("", "invalid_json", null)]
    [InlineData("""{"type":"response.cancel"}}""", "invalid_json", null)]
    public void OtherFrames_AreRefused(string json, string code, string? param)
    {
        var error = Refused(json);
        Assert.Equal((code, param), (error.Kind.Code, error.Param));
    }

    [Theory]
    [InlineData("""{"type":"response.create","input":5,"previous_response_id":"resp_9","stream_id":"a"}""", "a", "resp_9")]
    [InlineData("""{"stream_id":"a","type":"response.create","previous_response_id":"resp_9","background":true,"input":"x"}""", "a",
        "resp_9")]
    [InlineData("""{"type":"response.create","input":5,"previous_response_id":"resp_9"}""", null, "resp_9")]
    [InlineData("""{"input":5,"previous_response_id":"resp_9"}""", null, "resp_9")]
    [InlineData("""{"type":"response.create","input":5}""", null, null)]
    [InlineData("""{"type":"response.sing","stream_id":"a","previous_response_id":"resp_9"}""", "a", null)]
    public void RefusedFrame_ReportsItsLane_AndTheParentItNamed(string json, string? lane, string? previous)
    {
        ResponseId? named = previous is null ? null : new ResponseId(previous);
        Assert.Equal(new RejectedFrame(new LaneId(lane), named), Refused(json).Frame);
    }

    [Theory]
    [InlineData("""{"type":"response.create","stream_id":"a","input":5,"previous_response_id":"resp_9",""")]
    [InlineData("""{"type":"response.create","stream_id":"a b","input":5,"previous_response_id":"resp_9"}""")]
    [InlineData("""{"type":"response.create","stream_id":7,"input":5,"previous_response_id":"resp_9"}""")]
    public void BrokenFrame_BelongsToNoLane(string json) => Assert.Null(Refused(json).Frame);

    [Fact]
    public void OversizeFrame_IsRefused()
    {
        var limits = new ProtocolLimits { FrameBytesMax = 10 };
        var error = Assert.Throws<ApiException>(() => ClientFrameReader.Read(new byte[11], limits));
        Assert.Equal(("request_too_large", 413), (error.Kind.Code, error.Kind.Status));
    }

    private static string Lane(string id) => $$"""{"type":"response.create","model":"m","input":"x","stream_id":{{id}}}""";

    private static ClientFrame Read(string json) => ClientFrameReader.Read(Samples.Utf8(json), ProtocolLimits.Default);

    private static Samovar.Protocol.Requests.CreateRequest Create(string json) => Assert.IsType<ClientFrame.Create>(Read(json)).Request;

    private static ApiException Refused(string json) => Assert.Throws<ApiException>(() => Read(json));
}
