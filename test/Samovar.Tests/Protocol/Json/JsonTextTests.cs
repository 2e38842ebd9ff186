using System.Text;
using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Json;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData(@"a\n\t\r\b\f\\\/\""", "a\n\t\r\b\f\\/\"")]
    [InlineData(@"\u00e4\uD83D\uDE00", "ä😀")]
    [InlineData(@"cut \ud83d", "cut \uFFFD")]
    [InlineData(@"\ude00 cut", "\uFFFD cut")]
    [InlineData(@"\ud83d\ud83d\ude00", "\uFFFD😀")]
    [InlineData(@"\ud83dx", "\uFFFDx")]
    [InlineData(@"\ud83d\nx", "\uFFFD\nx")]
    [InlineData(@"\\ud83d", @"\ud83d")]
    [InlineData(@"\ud83d\\ud83d\u0041", "\uFFFD\\ud83dA")]
    [InlineData(@"ä\udc00ö", "ä\uFFFDö")]
    public void Strings_AreDecoded_AndHalfPairsReplaced(string escaped, string expected)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"\"{escaped}\""));
        reader.Read();
        Assert.Equal(expected, JsonText.Read(ref reader));
    }

    [Fact]
    public void Pieces_KeepHalfPairs()
    {
        Assert.Equal("\nä😀", Piece(@"\n\u00e4\uD83D\uDE00"));
        Assert.Equal("cut \ud83d", Piece(@"cut \ud83d"), StringComparer.Ordinal);
        Assert.Equal("\ude00 cut\n", Piece(@"\ude00 cut\n"), StringComparer.Ordinal);
        Assert.Equal("\ud83d😀", Piece(@"\ud83d\ud83d\ude00"), StringComparer.Ordinal);
        Assert.Equal(@"\ud83d", Piece(@"\\ud83d"));

        static string Piece(string escaped)
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"\"{escaped}\""));
            reader.Read();
            return JsonText.ReadPiece(ref reader);
        }
    }

    [Fact]
    public void Buffer_WritesHalfPairsAsReplacement_AndIsUsedAgain()
    {
        var first = JsonBuffer.Bytes("x\ud83d", static (writer, text) => writer.WriteStringValue(text));
        var second = JsonBuffer.Bytes(1, static (writer, number) => writer.WriteNumberValue(number));
        Assert.Equal("x\uFFFD", JsonDocument.Parse(first).RootElement.GetString());
        Assert.Equal("1", Encoding.UTF8.GetString(second));
    }

    [Fact]
    public void Buffer_CanBeRentedTwice_OnOneThread()
    {
        using var outer = JsonBuffer.Rent();
        outer.Writer.WriteNumberValue(1);
        using (var inner = JsonBuffer.Rent()) inner.Writer.WriteNumberValue(2);
        Assert.Equal("1", Encoding.UTF8.GetString(outer.Written));
    }

    [Fact]
    public void RawJson_IsEqual_WhenItsBytesAre()
    {
        Assert.Equal(RawJson.Of("[1]"), RawJson.Of("[1]"));
        Assert.Equal(RawJson.Of("[1]").GetHashCode(), RawJson.Of("[1]").Copy().GetHashCode());
        Assert.NotEqual(RawJson.Of("[1]"), RawJson.Of("[1 ]"));
        Assert.True(RawJson.Of("null").IsNull);
        Assert.True(default(RawJson).Copy().IsEmpty);
    }
}
