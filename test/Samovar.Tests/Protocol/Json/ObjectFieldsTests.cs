using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Json;

public sealed class ObjectFieldsTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"a":2},"c":"x"}""")]
    [InlineData("""{"b":{"a":2},"\u0061":1,"c":"x"}""")] // a name that must be decoded
    [InlineData("""{"a":1,"a":3,"b":{"a":2},"c":"x","c":"y"}""")] // the first counts
    public void Fields_AreThoseOfTheText(string json)
    {
        var fields = new ObjectFields(RawJson.Of(json));
        Assert.Equal((1, "{\"a\":2}", "x"), (fields.Number("a"u8), fields.Field("b"u8).ToString(), fields.Text("c"u8)));
        Assert.True(fields.Field("d"u8).IsEmpty);
    }

    [Fact]
    public void MoreFieldsThanAreRemembered_AreFoundToo() => Fields_AreThoseOfTheText(
        "{" + string.Concat(Enumerable.Range(0, 30).Select(number => $"\"{number}\":[],")) + """
        "a":1,"b":{"a":2},"c":"x"}
        """);

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("null")]
    public void NoObject_HasNone(string json) => Assert.True(new ObjectFields(RawJson.Of(json)).Field("a"u8).IsEmpty);

    [Fact]
    public void BrokenText_IsNoticed_WhereverItBreaks() =>
        Assert.ThrowsAny<JsonException>(() => new ObjectFields(RawJson.Of("""{"a":1,"b":""")).Field("a"u8));

    [Theory]
    [InlineData("\"abc\"", true)]
    [InlineData("\"\\u0061bc\"", true)]
    [InlineData("\"abcd\"", false)]
    [InlineData("\"\"", false)]
    [InlineData("12", false)]
    [InlineData("", false)]
    public void Value_IsComparedAsItIsMeant(string json, bool isSame)
    {
        Assert.Equal(isSame, RawJson.Of(json).Is("abc"u8));
        Assert.Equal(isSame, RawJson.Of(json).Is("abc"));
    }

    [Fact]
    public void NamesOutsideAscii_AreComparedToo() => Assert.True(RawJson.Of("\"é\"").Is("é") && RawJson.Of("\"\\u00e9\"").Is("é"));
}
