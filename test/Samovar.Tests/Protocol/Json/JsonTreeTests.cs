using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Json;

public sealed class JsonTreeTests
{
    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("100", "1e2")]
    [InlineData("1e2", "0.1E+3")]
    [InlineData("0", "-0.00e7")]
    [InlineData("-12.50", "-1250e-2")]
    [InlineData("123456789012345678901234567890", "12345678901234567890123456789e1")]
    [InlineData("1e99999999999999999999", "1e99999999999999999999")]
    [InlineData("""{"a":1,"b":[true,null]}""", """{ "b" : [true, null], "a" : 1.0 }""")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2}""")]
    [InlineData(@"""\u00e4\ud83d""", "\"ä\uFFFD\"")]
    public void Values_AreTheSame_HoweverTheyAreWritten(string one, string other) => Assert.True(AreEqual(one, other));

    [Theory]
    [InlineData("1", "1.0000000000000000000000000001")]
    [InlineData("1", "-1")]
    [InlineData("1", "10")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("1e99999999999999999999", "1e99999999999999999998")]
    [InlineData("1", "\"1\"")]
    [InlineData("null", "false")]
    [InlineData("[1,2]", "[2,1]")]
    [InlineData("[1]", "[1,1]")]
    [InlineData("""{"a":1}""", """{"a":1,"b":null}""")]
    public void Values_Differ_WhereTheyMeanSomethingElse(string one, string other) => Assert.False(AreEqual(one, other));

    private static bool AreEqual(string one, string other) =>
        JsonTree.AreEqual(JsonTree.Of(RawJson.Of(one)), JsonTree.Of(RawJson.Of(other)));
}
