using System.Text;
using System.Text.Json;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Backends.Upstream;

public sealed class PeerEventTests
{
    [Theory]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("   ")]
    public void WhatIsNoObject_IsNoEvent(string json) => Assert.Throws<JsonException>(() => PeerEvent.Check(RawJson.Of(json)));

    [Fact]
    public void WhatIsNoUtf8_IsNoEvent()
    {
        byte[] json = [.. "{\"delta\":\""u8, 0xC0, 0xAF, .. "\"}"u8];
        Assert.Throws<JsonException>(() => PeerEvent.Check(new RawJson(json)));
        PeerEvent.Check(RawJson.Of("\n {\"delta\":\"😀\"}"));
    }

    [Theory]
    [InlineData("{\"a\":1} x")]
    [InlineData("{\"a\":1,\"b\":}")]
    [InlineData("{\"a\":\"\\u12\"}")]
    public void EventThatGoesOnWhole_IsReadToItsEnd(string json) =>
        Assert.ThrowsAny<JsonException>(() => PeerEvent.Whole(RawJson.Of(json)));

    [Fact]
    public void EventThatGoesOnWhole_KeepsItsBytes()
    {
        var utf8 = Encoding.UTF8.GetBytes(@"{ ""type"" : ""x"", ""delta"":""\ud83d"" }");
        var whole = PeerEvent.Whole(new RawJson(utf8));
        var kept = whole.ToString();
        utf8.AsSpan().Clear(); // the buffer is used again
        Assert.Equal(@"{ ""type"" : ""x"", ""delta"":""\ud83d"" }", kept);
        Assert.Equal(kept, whole.ToString());
    }
}
