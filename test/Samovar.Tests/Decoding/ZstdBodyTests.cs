using Samovar.Protocol.Errors;
using Samovar.Server.Decoding;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Samovar.Tests.Decoding;

public sealed class ZstdBodyTests
{
    private static readonly byte[] Text = [.. Enumerable.Range(0, 300_000).Select(i => (byte)("{\"input\":1}"[i % 11] + (i / 7919 % 3)))];
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(19, 100_000)]
    public async Task Body_IsDecoded_HoweverItIsCut(int level, int piece)
    {
        Assert.Equal(Text, await DecodeAsync(Encode(Text, level), piece));
        Assert.Empty(await DecodeAsync(Encode([], level), piece));
    }

    [Fact]
    public async Task Frames_FollowOneAnother_AndSkippableOnesAreSkipped()
    {
        byte[] skipped = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        byte[] body = [.. Encode("{\"a\":"u8.ToArray(), 3), .. skipped, .. Encode("1}"u8.ToArray(), 3)];
        Assert.Equal("{\"a\":1}"u8.ToArray(), await DecodeAsync(body, 5));
    }

    [Fact]
    public async Task WhatIsBroken_IsRefused()
    {
        var whole = Encode(Text, 3);
        var wrong = whole.ToArray();
        wrong[^1] ^= 1; // of its checksum
        byte[] dictionary = [0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x58, 7];
        byte[][] bodies = [[], "{}"u8.ToArray(), whole[..^1], whole[..3], [.. whole, 7], wrong, dictionary];
        foreach (var body in bodies) await Assert.ThrowsAsync<InvalidDataException>(() => DecodeAsync(body, 1000));
    }

    [Fact]
    public async Task Windows_AreCounted_AndBounded()
    {
        var claims = new List<long>();
        await DecodeAsync(Encode(Text, 3), 4096, claims.Add);
        Assert.InRange(Assert.Single(claims), 300_000, 3 << 20);
        byte[] huge = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xA8, 1, 0, 0]; // a window of 2 GiB
        await Assert.ThrowsAsync<InvalidDataException>(() => DecodeAsync(huge, 100, _ => { }));
        var error = await Assert.ThrowsAsync<ApiException>(() =>
            DecodeAsync(Encode(Text, 3), 4096, _ => throw new ApiException(Errors.MethodNotAllowed, "x")));
        Assert.Equal(Errors.MethodNotAllowed, error.Kind);
    }

    [Fact]
    public async Task CompressedBytes_AreBounded() => Assert.Equal(Errors.RequestTooLarge,
        (await Assert.ThrowsAsync<ApiException>(() => DecodeAsync(Encode(Text, 1), 4096, _ => { }, bytesMax: 100))).Kind);

    private static byte[] Encode(byte[] text, int level)
    {
        using var encoder = new Compressor(level);
        encoder.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return encoder.Wrap(text).ToArray();
    }

    private static async Task<byte[]> DecodeAsync(byte[] body, int piece, Action<long>? claim = null, int bytesMax = 1 << 24)
    {
        await using var decoded = new ZstdBody(new MemoryStream(body), bytesMax, claim ?? (_ => { }));
        using var whole = new MemoryStream();
        var buffer = new byte[piece];
        while (await decoded.ReadAsync(buffer, Cancelled) is > 0 and var read) whole.Write(buffer, 0, read);
        return whole.ToArray();
    }
}
