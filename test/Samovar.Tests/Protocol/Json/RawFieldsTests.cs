using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Json;

public sealed class RawFieldsTests
{
    [Fact]
    public void Field_IsFound_BehindNamesAndValuesThatAreHalfAPair()
    {
        var json = RawJson.Of(@"{""\ud83d_longer_than_the_name"":""\ud83d"",""\u0074ext"":""x\ude00""}");
        Assert.Equal("x\uFFFD", json.Text("text"u8));
        Assert.True(json.Field("absent"u8).IsEmpty);
    }

    [Fact]
    public void WrittenFields_KeepTheirBytes_AndNamesCanBeReadByAnybody()
    {
        var json = RawJson.Of(@"{""id"":1, ""\ud83d"" : {""a"" :  [1e999, -0]} ,""b"":""\u0041""}");
        Assert.Equal("{\"\uFFFD\":{\"a\" :  [1e999, -0]},\"b\":\"\\u0041\"}", Written(writer => json.WriteFields(writer, "id")));
        Assert.Equal("{\"\uFFFD\":{\"a\":[1e999,-0]},\"b\":\"A\"}", Written(writer => json.WriteCompactFields(writer, "id")));
    }

    [Theory]
    [InlineData(@"{""a"":""\ud83d""}", @"{""a"":""\ufffd""}")]
    [InlineData(" [1, 2] ", "[1, 2]")]
    [InlineData("1e999", "1e999")]
    public void Text_ThatHoldsJson_IsParsed(string text, string value)
    {
        Assert.True(JsonInput.TryParse(text, out var json));
        Assert.Equal(value, json.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData(@"{""a"":""\u12""}")]
    [InlineData("nul")]
    public void Text_ThatHoldsNone_IsNot(string text) => Assert.False(JsonInput.TryParse(text, out _));

    [Fact]
    public void Text_NestedTooDeep_IsNone()
    {
        Assert.True(JsonInput.TryParse(Nested(64), out _));
        Assert.False(JsonInput.TryParse(Nested(65), out _));
        Assert.False(JsonInput.TryParse(Nested(100_000), out _));
    }

    [Fact]
    public void HalfPairOfUtf16_InAText_IsReplaced()
    {
        Assert.True(JsonInput.TryParse("\"x\ud83d\"", out var json));
        Assert.Equal("x\uFFFD", json.AsText());
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static string Written(Action<System.Text.Json.Utf8JsonWriter> fields) =>
        Encoding.UTF8.GetString(JsonBuffer.Bytes(fields, static (writer, fields) =>
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteEndObject();
        }));
}
