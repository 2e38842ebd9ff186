using System.Runtime.InteropServices;
using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Json;

public sealed class HalfPairsTests
{
    [Theory]
    [InlineData(@"""\ud83d""", @"""\ufffd""")]
    [InlineData(@"""\uDE00 x""", @"""\ufffd x""")]
    [InlineData(@"""\ude00\ud83d""", @"""\ufffd\ufffd""")]
    [InlineData(@"""\ud83d\ud83d\ude00\ude00""", @"""\ufffd\ud83d\ude00\ufffd""")]
    [InlineData(@"{""\ud83d"":[""\ud83d"",1]}", @"{""\ufffd"":[""\ufffd"",1]}")]
    [InlineData(@"""\\\ud83d""", @"""\\\ufffd""")]
    [InlineData(@"""\ud83d\n\ude00""", @"""\ufffd\n\ufffd""")]
    [InlineData(@"""\ud83d\u0041""", @"""\ufffd\u0041""")]
    public void Half_IsMended_InItsPlace(string json, string mended) => Assert.Equal(mended, Mend(json));

    /// <summary>Each is looked for from where the last one was: megabytes of them take no longer than their length.</summary>
    [Theory]
    [InlineData(@"\uD83D")]
    [InlineData(@"\ud83d")]
    [InlineData(@"\uDE00")]
    public void ManyHalves_AreMendedInOnePass(string half) => Assert.Equal(
        string.Concat(Enumerable.Repeat(@"\ufffd", 500_000)), Mend(string.Concat(Enumerable.Repeat(half, 500_000))));

    [Theory]
    [InlineData(@"""\ud83d\ude00""")]
    [InlineData(@"""\\ud83d""")]
    [InlineData(@"""\\\\ud83d""")]
    [InlineData(@"""\u00e4\ud7ff\ue000\u0d83""")]
    [InlineData("\"😀\"")]
    [InlineData(@"""\ud83")]
    [InlineData(@"""\ud8zz""")]
    [InlineData(@"""\")]
    [InlineData("")]
    public void Rest_StaysTheSameMemory(string json)
    {
        ReadOnlyMemory<byte> utf8 = Encoding.UTF8.GetBytes(json);
        Assert.True(utf8.Equals(HalfPairs.Mend(utf8)));
    }

    [Fact]
    public void WhatIsMended_IsACopy_AndTheSenderKeepsItsBytes()
    {
        var utf8 = Encoding.UTF8.GetBytes(@"""\ud83d""");
        var mended = HalfPairs.Mend(utf8);
        Assert.Equal(@"""\ud83d""", Encoding.UTF8.GetString(utf8));
        Assert.True(MemoryMarshal.TryGetArray(mended, out var slice) && !ReferenceEquals(slice.Array, utf8));
    }

    [Fact]
    public void RandomEscapes_AreMendedAsAStrictReaderWantsThem()
    {
        var random = new Random(7);
        string[] pieces = [@"\ud83d", @"\ude00", @"\uD83D\uDE00", @"\\", @"\""", @"\n", "a", "😀", @"\u0041", "ud83d"];
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => pieces[random.Next(pieces.Length)]));
            var mended = Mend($"\"{text}\"");
            Assert.Equal(JsonReading.Text($"\"{text}\""), System.Text.Json.JsonDocument.Parse(mended).RootElement.GetString());
        }
    }

    private static string Mend(string json) => Encoding.UTF8.GetString(HalfPairs.Mend(Encoding.UTF8.GetBytes(json)).Span);
}
