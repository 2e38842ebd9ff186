using Samovar.Gateway.Tools;

namespace Samovar.Gateway.Tests.Tools;

/// <summary>Whatever a call's arguments come as, and in whatever pieces, one JSON object goes on.</summary>
public sealed class CallArgumentsTests
{
    [Theory]
    [InlineData("""{"q":[1,{"a":"x,}"}],"b":null}""", """{"q":[1,{"a":"x,}"}],"b":null}""")]
    [InlineData("""{"q": 1 , "b" : 2 }""", """{"q": 1 , "b" : 2 }""")]
    [InlineData("""{"q":"x",}""", """{"q":"x"}""")]
    [InlineData("""{"q":[1,2, ], }""", """{"q":[1,2]}""")]
    [InlineData("{q: 'x'}", "{}")]
    [InlineData("{'q': 'x', 'b': True}", "{}")]
    [InlineData("[1,2]", "{}")]
    [InlineData("[{}]", "{}")]
    [InlineData("null", "{}")]
    [InlineData("", "{}")]
    [InlineData("```json\n{\"q\":\"x\"}\n```", """{"q":"x"}""")]
    [InlineData("Here: {\"q\":\"x\"}.", """{"q":"x"}""")]
    [InlineData("\"{\\\"q\\\":\\\"x\\\"}\"", """{"q":"x"}""")]
    public void Arguments_AreAnObject_HoweverTheyCome(string written, string expected)
    {
        var whole = new CallArguments();
        Assert.Equal(expected, whole.Add(written) + whole.End(isCut: false));
        var pieces = new CallArguments();
        Assert.Equal(expected, string.Concat(written.Select(one => pieces.Add(one.ToString()))) + pieces.End(isCut: false));
        Assert.True(pieces.IsWhole);
    }

    [Theory]
    [InlineData("""{"q":[1}""")]
    [InlineData("""{"q":"x""")]
    public void CutArguments_AreNotWhole(string written)
    {
        var arguments = new CallArguments();
        Assert.Equal(written, arguments.Add(written) + arguments.End(isCut: true));
        Assert.False(arguments.IsWhole);
    }
}
