using System.Globalization;
using Samovar.Chains;

namespace Samovar.Tests.Chains;

public sealed class CallArgumentsTests
{
    [Theory]
    [InlineData("""{"a":1,"b":[1,2]}""", """ { "b" : [ 1 , 2 ] , "a" : 1 } """)]
    [InlineData("""{"a":1,"b":[1,2]}""", "{\r\n\t\"a\": 1,\n\t\"b\": [1, 2]\n}\n")]
    [InlineData("""{"a":1.0}""", """{"a":1}""")]
    [InlineData("""{"a":1e2}""", """{"a":100.00}""")]
    [InlineData("""{"a":-0.0}""", """{"a":0}""")]
    [InlineData("""{"a":123456789012345678901234567890}""", """{"a":1.2345678901234567890123456789e29}""")]
    [InlineData("""{"a":"\u00e9\/\ud83d\ude00"}""", """{"a":"é/😀"}""")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2}""")]
    [InlineData("""{"a":2,"b":1,"a":3}""", """{"b":1,"a":3}""")]
    [InlineData("""{"a":{"y":1,"x":{"q":null,"p":true}}}""", """{"a":{"x":{"p":true,"q":null},"y":1}}""")]
    [InlineData("", "{}")]
    [InlineData("  ", " { } ")]
    [InlineData("7", "7.0")]
    [InlineData("{broken", "{broken")]
    [InlineData("""{"a":1e99999999999999999999}""", """{"a":1e99999999999999999999}""")]
    public void Arguments_ThatSayTheSame_AreEqual_AndHaveOneText(string one, string other)
    {
        Assert.True(CallArguments.AreEqual(one, other));
        Assert.Equal(CallArguments.Canonical(one), CallArguments.Canonical(other));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":1}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{"A":1}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""")]
    [InlineData("""{"a":null}""", "{}")]
    [InlineData("""{"a":" x"}""", """{"a":"x"}""")]
    [InlineData("""{"a":0.1}""", """{"a":0.10000000000000001}""")]
    [InlineData("""{"a":true}""", """{"a":1}""")]
    [InlineData("{}", "[]")]
    [InlineData("{}", "null")]
    [InlineData("{broken", "{broken ")]
    [InlineData("""{"a":1e99999999999999999999}""", """{"a":1e99999999999999999998}""")]
    [InlineData("""{"a":1} {"a":1}""", """{"a":1}""")]
    public void Arguments_ThatSayAnotherThing_AreNotEqual_AndHaveAnotherText(string one, string other)
    {
        Assert.False(CallArguments.AreEqual(one, other));
        Assert.NotEqual(CallArguments.Canonical(one), CallArguments.Canonical(other));
    }

    /// <summary>What has no bottom, or is nested deeper than any request may be, is a text as any other.</summary>
    [Fact]
    public void DeepArguments_AreEqualToThemselvesAlone()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 10_000)) + string.Concat(Enumerable.Repeat("]", 10_000));
        Assert.True(CallArguments.AreEqual(deep, new string(deep)));
        Assert.False(CallArguments.AreEqual(deep, deep + " "));
        Assert.Equal(deep, CallArguments.Canonical(deep));
    }

    [Fact]
    public void HugeArguments_AreCompared_WhateverTheirOrder()
    {
        var fields = Enumerable.Range(0, 100_000).Select(at => string.Create(CultureInfo.InvariantCulture, $"\"k{at}\":\"{at}\"")).ToList();
        var one = "{" + string.Join(',', fields) + "}";
        fields.Reverse();
        var other = "{ " + string.Join(" , ", fields) + " }";
        Assert.True(CallArguments.AreEqual(one, other));
        Assert.Equal(CallArguments.Canonical(one), CallArguments.Canonical(other));
    }
}
