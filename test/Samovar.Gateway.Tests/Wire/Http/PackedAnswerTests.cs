using Samovar.Testing.Upstreams;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Wire.Http;

/// <summary>Compression that nobody asked for: read, whatever it is called, or the upstream's fault.</summary>
public sealed class PackedAnswerTests
{
    private static readonly string Long = string.Concat(Enumerable.Range(0, 400).Select(number => $"{number * 7919 % 1000} "));

    public static TheoryData<string, string, string, string> Readable()
    {
        var data = new TheoryData<string, string, string, string>();
        foreach (var wire in new[] { "sse", "json" })
            foreach (var (label, packing, harm) in new[]
            {
                ("gzip", "gzip", ""), ("x-gzip", "gzip", ""), ("GZIP", "gzip", ""), ("gzip", "gzip", "zeros"), ("gzip", "gzip", "more"),
                ("br", "br", ""), ("deflate", "zlib", ""), ("deflate", "deflate", ""), ("identity", "none", ""), ("gzip, br", "both", ""),
                ("gzip", "none", ""), ("br", "none", ""), ("deflate", "none", ""), ("utf-8", "none", ""), ("zstd", "none", ""),
                ("br", "gzip", ""), ("deflate", "gzip", ""), ("gzip", "zlib", ""), ("aws-chunked", "none", ""),
            })
                data.Add(wire, label, packing, harm);
        return data;
    }

    [Theory]
    [MemberData(nameof(Readable))]
    public async Task PackedAnswer_IsRead_ByWhatItIs(string wire, string label, string packing, string harm) =>
        Assert.Equal($"text '{Long}' | completed", await PlayAsync(Answer(wire, label, packing, harm)));

    [Theory]
    [InlineData("sse", "gzip", "gzip", "cut")]
    [InlineData("sse", "br", "br", "cut")]
    [InlineData("sse", "deflate", "zlib", "cut")]
    [InlineData("sse", "deflate", "deflate", "cut")]
    [InlineData("json", "gzip", "gzip", "cut")]
    [InlineData("json", "br", "br", "cut")]
    [InlineData("json", "deflate", "zlib", "cut")]
    [InlineData("json", "deflate", "deflate", "cut")]
    [InlineData("sse", "gzip", "gzip", "broken")]
    [InlineData("sse", "deflate", "zlib", "broken")]
    [InlineData("json", "gzip", "gzip", "broken")]
    [InlineData("json", "br", "br", "broken")]
    [InlineData("json", "deflate", "deflate", "broken")]
    [InlineData("sse", "zstd", "br", "")]
    [InlineData("json", "zstd", "br", "")]
    [InlineData("sse", "gzip", "br", "")]
    [InlineData("sse", null, "gzip", "")]
    [InlineData("json", null, "br", "")]
    public async Task AnswerThatCannotBeUnpacked_IsTheUpstreamsFault(string wire, string? label, string packing, string harm) =>
        Assert.EndsWith("failed (502)", await PlayAsync(Answer(wire, label, packing, harm)), StringComparison.Ordinal);

    /// <summary>Readers inside readers, as deep as a header is long, would not fit on a stack.</summary>
    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task AnswerThatSaysItIsPackedThousandsOfTimes_IsTheUpstreamsFault(string packing) => Assert.EndsWith("failed (502)",
        await PlayAsync(Answer("sse", string.Join(", ", Enumerable.Repeat(packing, 9000)), "none", "")), StringComparison.Ordinal);

    [Theory]
    [InlineData("gzip", "gzip", 429)]
    [InlineData("br", "br", 429)]
    [InlineData("gzip", "none", 429)]
    [InlineData("gzip", "garbage", 429)]
    [InlineData("zstd", "br", 429)]
    public async Task PackedError_KeepsItsStatus(string label, string packing, int status) =>
        Assert.Equal($"failed ({status})", await PlayAsync(new RawAnswer(["""{"error":{"message":"slow down"}}"""])
        {
            ContentType = "application/json", Status = status, Encoding = label, Pack = plain => Packed(plain, packing),
        }));

    private static RawAnswer Answer(string wire, string? label, string packing, string harm) =>
        new(wire == "sse" ? [$"data: {Delta($$"""{"content":"{{Long}}"}""")}\n\n", $"data: {End("stop")}\n\n", "data: [DONE]\n\n"]
            : [$$"""{"choices":[{"index":0,"message":{"content":"{{Long}}"},"finish_reason":"stop"}]}"""])
        {
            ContentType = wire == "sse" ? "text/event-stream" : "application/json",
            Encoding = label, Pack = plain => Harmed(Packed(plain, packing), harm),
        };

    private static byte[] Packed(byte[] plain, string packing) => packing switch
    {
        "gzip" => RawAnswer.Gzip(plain),
        "br" => RawAnswer.Brotli(plain),
        "zlib" => RawAnswer.Zlib(plain),
        "deflate" => RawAnswer.Deflate(plain),
        "both" => RawAnswer.Brotli(RawAnswer.Gzip(plain)),
        "garbage" => [0, 1, 2, 3, 0xff, 0xfe, .. plain],
        _ => plain,
    };

    private static byte[] Harmed(byte[] packed, string harm)
    {
        if (harm == "broken") packed.AsSpan(packed.Length / 3, packed.Length / 3).Fill(0xff);
        return harm switch
        {
            "zeros" => [.. packed, 0, 0, 0, 0, 0, 0, 0, 0],
            "more" => [.. packed, .. "and this"u8],
            "cut" => packed[..(packed.Length / 2)],
            _ => packed,
        };
    }
}
