using Microsoft.AspNetCore.Http;
using Samovar.Cluster;
using Samovar.Server.Peers;

namespace Samovar.Tests.Peers;

public sealed class ClusterKeyTests
{
    [Fact]
    public async Task Key_OfAFile_IsThatOfTheSetting()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, $"  {PeerLab.Key}\n");
        var ofFile = ClusterKey.Of(new ClusterOptions { KeyFile = path });
        File.Delete(path);
        Assert.True(IsShown(ofFile, "Samovar-Cluster " + PeerLab.Key));
    }

    /// <summary>Of a pipe there is nothing left then.</summary>
    [Fact]
    public async Task Key_OfAFile_IsReadOnce()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, PeerLab.Key);
        var (options, source) = (new ClusterOptions { KeyFile = path }, new ClusterKeySource());
        var first = source.Of(options);
        await File.WriteAllTextAsync(path, "");
        Assert.Same(first, source.Of(options));
        var none = new ClusterKeySource();
        var fault = Assert.Throws<FormatException>(() => none.Of(options)).Message;
        File.Delete(path);
        Assert.Equal(fault, Assert.Throws<FormatException>(() => none.Of(options)).Message);
    }

    [Theory]
    [InlineData("Samovar-Cluster a-key-that-nobody-guesses-012345678")]
    [InlineData("Samovar-Cluster a-key-that-nobody-guesses-01234567890")]
    [InlineData("Bearer a-key-that-nobody-guesses-0123456789")]
    [InlineData("a-key-that-nobody-guesses-0123456789")]
    [InlineData("")]
    public void AnotherKey_IsNotTheKey(string shown) => Assert.False(IsShown(ClusterKey.Of(new() { Key = PeerLab.Key }), shown));

    [Theory]
    [InlineData(null, null, "--cluster-key-file")]
    [InlineData("short", null, "32 to 512 characters")]
    [InlineData("a key with spaces that is otherwise long enough", null, "without spaces")]
    [InlineData(PeerLab.Key, "/also/a/file", "not both")]
    [InlineData(null, "/nowhere/key", "/nowhere/key")]
    public void WhatIsNoKey_IsSaid_WithoutTheKey(string? key, string? file, string why)
    {
        var message = Assert.Throws<FormatException>(() => ClusterKey.Of(new() { Key = key, KeyFile = file })).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.StartsWith("Cluster:Key", message, StringComparison.Ordinal);
        if (key is not null) Assert.DoesNotContain(key, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_IsNotItsText() =>
        Assert.DoesNotContain(PeerLab.Key, ClusterKey.Of(new() { Key = PeerLab.Key }).ToString(), StringComparison.Ordinal);

    private static bool IsShown(ClusterKey key, string header)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = header;
        return key.IsShown(http.Request);
    }
}
