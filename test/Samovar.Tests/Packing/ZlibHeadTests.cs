using System.IO.Compression;
using Samovar.Packing;

namespace Samovar.Tests.Packing;

public sealed class ZlibHeadTests
{
    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Fastest)]
    [InlineData(CompressionLevel.SmallestSize)]
    public void Zlib_IsToldFromBareData(CompressionLevel level)
    {
        using var zlib = new MemoryStream();
        using (var stream = new ZLibStream(zlib, level, leaveOpen: true)) stream.Write("{\"model\":\"m\"}"u8);
        using var bare = new MemoryStream();
        using (var stream = new DeflateStream(bare, level, leaveOpen: true)) stream.Write("{\"model\":\"m\"}"u8);
        Assert.True(ZlibHead.BeginsWith(zlib.ToArray()));
        Assert.False(ZlibHead.BeginsWith(bare.ToArray()));
    }

    [Theory]
    [InlineData(true, 0x08, 0x1D)] // the smallest window
    [InlineData(true, 0x58, 0x09)]
    [InlineData(false, 0x88, 0x1C)] // a window that there is not
    [InlineData(false, 0x79, 0x9C)] // another method
    [InlineData(false, 0x78, 0x9D)] // the check is wrong
    [InlineData(false, 0x78)]
    public void Head_IsItsMethod_ItsWindow_AndItsCheck(bool isZlib, params int[] data) =>
        Assert.Equal(isZlib, ZlibHead.BeginsWith([.. data.Select(one => (byte)one)]));
}
