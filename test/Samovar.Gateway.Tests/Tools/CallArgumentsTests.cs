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
    [InlineData("""{"q":"C:\dir\x"}""", """{"q":"C:\\dir\\x"}""")]
    [InlineData("""{"\d+":"\\ \" \/ \b\f\n\r\t \u00e9 \uD83D\ude00"}""", """{"\\d+":"\\ \" \/ \b\f\n\r\t \u00e9 \uD83D\ude00"}""")]
    [InlineData("""{"q":"it\'s"}""", """{"q":"it's"}""")]
    [InlineData("""{"q":"\u12"}""", """{"q":"\\u12"}""")]
    [InlineData("""{"q":"\u\n\u12g\u"}""", """{"q":"\\u\n\\u12g\\u"}""")]
    [InlineData("{\"q\":\"a\\\nb\"}", """{"q":"a\\\u000ab"}""")]
    [InlineData("""{"a":NaN, "b": True,"c":[None,-Infinity, False ]}""", """{"a":null, "b": true,"c":[null,null, false ]}""")]
    [InlineData("""{"a":undefined}""", """{"a":null}""")]
    [InlineData("""{"a":-1.5e+3,"b":0,"c":[true,false,null]}""", """{"a":-1.5e+3,"b":0,"c":[true,false,null]}""")]
    [InlineData("""{"q":"x",,"b":1}""", """{"q":"x","b":1}""")]
    [InlineData("{\u00a0\"q\":\u3000\"\u00a0\"}", "{\"q\":\"\u00a0\"}")]
    [InlineData("""Here: {"q":"C:\dir"}.""", """{"q":"C:\\dir"}""")]
    [InlineData("""One of {"q":"x"} and {"q":"y"}""", "{}")]
    [InlineData("\"{\\\"q\\\":\\\"C:\\\\dir\\\"}\"", """{"q":"C:\\dir"}""")]
    public void Arguments_AreAnObject_HoweverTheyCome(string written, string expected)
    {
        var whole = new CallArguments();
        Assert.Equal(expected, whole.Add(written) + whole.End(isCut: false));
        var pieces = new CallArguments();
        Assert.Equal(expected, string.Concat(written.Select(one => pieces.Add(one.ToString()))) + pieces.End(isCut: false));
        Assert.True(pieces.IsWhole);
    }

    [Theory]
    [InlineData("""{"q":["x" """)]
    [InlineData("""{"q":"x""")]
    public void CutArguments_AreNotWhole(string written)
    {
        var arguments = new CallArguments();
        Assert.Equal(written, arguments.Add(written) + arguments.End(isCut: true));
        Assert.False(arguments.IsWhole);
    }

    [Theory]
    [InlineData("""{"q":{a:1}}""")]
    [InlineData("{\"q\":\"x\" // note\n}")]
    [InlineData("""{"q":"x"]""")]
    [InlineData("""{"q":[1}""")]
    [InlineData("""{"q" "x"}""")]
    [InlineData("""{"q":"x" "r":"y"}""")]
    [InlineData("""{"q":"say "hi" now"}""")]
    [InlineData("""{"q":[1,,2]}""")]
    [InlineData("""{"a":+1}""")]
    [InlineData("""{"a":01}""")]
    [InlineData("""{"a":1.}""")]
    [InlineData("""{"a":maybe}""")]
    [InlineData("\"{\\\"q\\\":\\\"say \\\"hi\\\" now\\\"}\"")]
    public void ArgumentsThatNobodyCanRead_NeverBecomeWhole(string written)
    {
        var arguments = new CallArguments();
        foreach (var one in written) arguments.Add(one.ToString());
        arguments.End(isCut: false);
        Assert.Equal((false, true), (arguments.IsWhole, arguments.IsBroken));
    }
}
