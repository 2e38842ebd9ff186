using System.Text;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Frames;

public sealed class PassedFramesTests
{
    private static readonly ResponseId Response = new("resp_1");

    [Theory]
    [InlineData("\"type\":\"response.create\",")]
    [InlineData("")] // a bare frame stays one
    public void Frame_WithOtherInput_HasTheSettings_AndNothingElseOfItsOwnTurn(string type)
    {
        var frame = Encoding.UTF8.GetBytes(
            $$"""{ {{type}}"model":"m","input":"hi","previous_response_id":"resp_0","tools":[{"x": 1}],"resume_key":"k"}""");
        var words = (ClientFrame.Steer)Read(PassedFrames.Steer(Response, RawJson.Of("\"Say hello.\"")));
        var passed = Encoding.UTF8.GetString(PassedFrames.WithInput(frame, words.Input));
        var said = Encoding.UTF8.GetString(words.Input[0].Json.Utf8.Span);
        Assert.Equal($$"""{{{type}}"model":"m","tools":[{"x": 1}],"input":[{{said}}]}""", passed);
    }

    [Fact]
    public void Words_ComeOutAsTheyWentIn()
    {
        var steer = Assert.IsType<ClientFrame.Steer>(Read(PassedFrames.Steer(Response, RawJson.Of("\"Größe 🍵\""))));
        Assert.Equal((Response, null), (steer.Response, steer.Fault));
        const string output = """[{"type":"function_call_output","call_id":"call_1","output":"7"}]""";
        var inject = Assert.IsType<ClientFrame.Inject>(Read(PassedFrames.Inject(Response, RawJson.Of(output))));
        Assert.Equal((Response, null, RawJson.Of(output)), (inject.Response, inject.Fault, inject.Said));
    }

    private static ClientFrame Read(byte[] frame) => ClientFrameReader.Read(frame, ProtocolLimits.Default);
}
