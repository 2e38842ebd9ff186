using System.Text;
using System.Text.Json;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Wire;

/// <summary>What an upstream sends is looked at before anybody reads it.</summary>
public sealed class EventCheckTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData(" {\"a\":[{\"b\":\"é😀 [[[\"}]}")]
    [InlineData("\n{\"broken\": whoever reads it says so")]
    public void Event_IsPassedOn_AsItIs(string data) =>
        Assert.Equal(data, EventCheck.Checked(Encoding.UTF8.GetBytes(data)).ToString());

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("-1")]
    [InlineData("\"text\"")]
    [InlineData("[{}]")]
    [InlineData("no JSON")]
    [InlineData("")]
    [InlineData("   ")]
    public void AnythingButAnObject_IsMalformed(string data) => AssertMalformed(Encoding.UTF8.GetBytes(data));

    [Theory]
    [InlineData("ff")]
    [InlineData("c080")]
    [InlineData("eda080")] // half a surrogate pair
    [InlineData("e282")] // cut off
    public void BytesThatAreNoUtf8_AreMalformed_WhereverTheyStand(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        AssertMalformed([.. "{\"type\":\"x\",\"a\":\""u8, .. bytes, .. "\"}"u8]);
        AssertMalformed([.. "{\"type\":\"x\",\""u8, .. bytes, .. "\":1}"u8]);
        AssertMalformed([.. "{\"type\":\"x\"}"u8, .. bytes]);
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    [InlineData(5000, false)]
    public void Depth_IsThatOfARequest(int levels, bool isFine)
    {
        var data = Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', levels)}{new string(']', levels)}}}");
        if (isFine) Assert.Equal(data.Length, EventCheck.Checked(data).Utf8.Length);
        else AssertMalformed(data);
    }

    [Fact]
    public void WideEvent_IsNotTakenForADeepOne()
    {
        var data = Encoding.UTF8.GetBytes($"{{\"a\":[{string.Join(',', Enumerable.Repeat("{\"b\":[]}", 1000))}]}}");
        Assert.Equal(data.Length, EventCheck.Checked(data).Utf8.Length);
    }

    [Theory]
    [InlineData("{\"a\":1} x")]
    [InlineData("{\"a\":1,\"b\":}")]
    [InlineData("{\"a\":\"\\u12\"}")]
    public void EventThatGoesOnWhole_IsReadToItsEnd(string json) =>
        Assert.ThrowsAny<JsonException>(() => EventCheck.Whole(RawJson.Of(json)));

    [Fact]
    public void EventThatGoesOnWhole_KeepsItsBytes()
    {
        var utf8 = Encoding.UTF8.GetBytes(@"{ ""type"" : ""x"", ""delta"":""\ud83d"" }");
        var whole = EventCheck.Whole(new RawJson(utf8));
        var kept = whole.ToString();
        utf8.AsSpan().Clear(); // the buffer is used again
        Assert.Equal(@"{ ""type"" : ""x"", ""delta"":""\ud83d"" }", kept);
        Assert.Equal(kept, whole.ToString());
    }

    private static void AssertMalformed(byte[] data) =>
        Assert.Equal(FaultKind.Malformed, Assert.Throws<UpstreamException>(() => EventCheck.Checked(data)).Fault.Kind);
}
