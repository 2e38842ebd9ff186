using System.Text;
using Samovar.Cli.Pull;
using Samovar.Testing;

namespace Samovar.Tests.Pull;

/// <summary>What servers may do to a pull: it ends, says why, and leaves nothing that is not what was asked for.</summary>
public sealed class HostileServerTests : PullLab
{
    [Theory]
    [InlineData("//[x", "redirects to no address")]
    [InlineData("file:///etc/passwd", "which is not safe")]
    [InlineData("/tea.gguf", "redirects in circles")]
    public async Task RedirectThatLeadsNowhere_IsNotFollowed(string to, string said)
    {
        await using var server = new RawServer((_, _) => Encoding.ASCII.GetBytes(
            $"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).Start();
        Assert.Equal(1, await PullAsync($"{server.Address}tea.gguf"));
        Assert.Contains(said, Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BodyWithoutEnd_IsGivenUp_AndNothingOfItStays(bool isOfAHub)
    {
        Hub.With("tea.gguf", Model).IsEndless = true;
        Assert.Equal(1, await Soon.In(PullAsync(
            isOfAHub ? "tea/assam" : $"{Hub.Store}files/tea.gguf", bounds: Hasty with { UnsaidBytesMax = 1 << 20 })));
        Assert.Contains("sends more than", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task BodyWithoutEnd_LeavesTheDiskItsRoom()
    {
        Hub.With("tea.gguf", Model).IsEndless = true;
        var room = new DriveInfo(Folder.FullName).AvailableFreeSpace - (64L << 20);
        Assert.Equal(1, await Soon.In(PullAsync($"{Hub.Store}files/tea.gguf", bounds: Hasty with { DiskBytesLeft = room })));
        Assert.Contains("does not say how long tea.gguf is", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task FileOfAnotherLengthThanTheHubSays_IsRefused()
    {
        Hub.With("tea.gguf", Model).SaidBytes = Model.Length + 1;
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains($"has {Model.Length} bytes, and should have {Model.Length + 1}", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task FileThatIsShorterThanTheHubSays_AndDoesNotSay_IsGivenUp()
    {
        Hub.With("tea.gguf", Model).SaidBytes = Model.Length + 1;
        Hub.HidesLength = true;
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.False(File.Exists(PathOf("tea/assam/tea.gguf")));
        Assert.True(Hub.Asked.Count <= Hasty.TriesMax + 1);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task LengthThatNoFileHas_IsRefused(long bytes)
    {
        for (var part = 1; part <= 2; part++) Hub.With($"tea-0000{part}-of-00002.gguf", Model);
        Hub.SaidBytes = bytes;
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains($"has {bytes} bytes", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Hub.Asked);
    }

    [Fact]
    public async Task FileOfAnotherHashThanTheHubSays_IsDeleted_AndNotAskedForAgain()
    {
        Hub.With("tea.gguf", Model).SentInstead = [.. Model[..^1], 1];
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("came damaged", Error.ToString(), StringComparison.Ordinal);
        Assert.Single(Hub.Asked);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task AddressWhoseTagChanged_BeginsAgain_AlsoWhereTheServerSendsThePart()
    {
        Hub.With("tea.gguf", Model).Tag = "\"one\"";
        Hub.Cuts.Enqueue(1000);
        for (var i = 0; i < Hasty.TriesMax - 1; i++) Hub.Cuts.Enqueue(0);
        Assert.Equal(1, await PullAsync($"{Hub.Store}files/tea.gguf"));
        var other = Model.ToArray();
        other[^1]++;
        other[500]++;
        Hub.With("tea.gguf", other).Tag = "\"two\"";
        Hub.IgnoresIfRange = true;
        Assert.Equal(0, await PullAsync($"{Hub.Store}files/tea.gguf"));
        Assert.Equal(other, File.ReadAllBytes(PathOf("127.0.0.1/tea.gguf")));
    }

    [Theory]
    [InlineData("../../../tea.gguf")]
    [InlineData("a/../../../../tea.gguf")]
    public async Task PathThatLeadsOut_StaysInTheFolder(string path)
    {
        Hub.With(path, Model).With("tea.gguf.txt", [1]);
        await PullAsync("tea/assam");
        Assert.All(Files(), file => Assert.StartsWith(PathOf("tea/assam/"), file, StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(Folder.Parent!.FullName, "tea.gguf")));
    }

    [Theory]
    [InlineData("..%2F..%2Ftea.gguf")]
    [InlineData("%2e%2e%5ctea.gguf")]
    [InlineData("")]
    public async Task AddressThatEndsWithNoName_IsRefused(string path)
    {
        Assert.Equal(1, await PullAsync($"{Hub.Store}files/{path}"));
        Assert.Contains("cannot be the name of a file", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Hub.Asked);
    }

    [Fact]
    public async Task ConnectionThatIsCutAnywhere_IsTriedAgain()
    {
        byte[] whole = [.. RawServer.Ok(Model, "ETag: \"one\"\r\n")], chunked = Chunked(Model);
        foreach (var answer in (byte[][])[whole, chunked])
            foreach (var cut in (int[])[0, 1, 9, 13, 15, 17, 30, 60, 84, 85, 86, 90, 95, 100, 110, 1000, answer.Length - 1])
            {
                await using var server = new RawServer((_, connection) => connection == 0 ? answer[..cut] : answer).Start();
                Assert.True(await Soon.In(PullAsync($"{server.Address}tea.gguf")) == 0, $"Cut at {cut}: {Error}");
                Assert.Equal(Model, File.ReadAllBytes(PathOf("127.0.0.1/tea.gguf")));
                Assert.Equal(2, server.Connections);
            }
    }

    [Fact]
    public async Task ListThatIsCutAnywhere_IsAskedForAgain()
    {
        var list = RawServer.Ok(Encoding.ASCII.GetBytes("""[{"type":"file","path":"tea.gguf"}]"""));
        for (var cut = 0; cut < list.Length; cut += 7)
        {
            await using var server = new RawServer((path, connection) =>
                !path.StartsWith("/api/", StringComparison.Ordinal) ? RawServer.Ok(Model) : connection == 0 ? list[..cut] : list).Start();
            Assert.True(await Soon.In(PullAsync("tea/assam", hub: server.Address)) == 0, $"Cut at {cut}: {Error}");
            Assert.Equal(3, server.Connections);
        }
    }

    [Theory]
    [InlineData("application/json; charset=bogus", "[]", "no GGUF file")]
    [InlineData("text/html", "<html>", "does not answer as a hub")]
    [InlineData("application/json", "[null, {\"type\": \"file\"}, {}]", "no GGUF file")]
    [InlineData("application/json", """[{"type":"file","path":"\ud800.gguf"}]""", "does not answer as a hub")]
    [InlineData("application/json", "[{\"type\":\"file\",\"path\":\"a-٠٠٠٠١-of-٠٠٠٠٢.gguf\"}]", "has no a-")]
    public async Task ListThatIsNoList_IsSaid(string type, string list, string said)
    {
        await using var server = new RawServer((path, _) => !path.StartsWith("/api/", StringComparison.Ordinal)
            ? Encoding.ASCII.GetBytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            : RawServer.Ok(Encoding.UTF8.GetBytes(list), $"Content-Type: {type}\r\n")).Start();
        Assert.Equal(1, await Soon.In(PullAsync("tea/assam", hub: server.Address)));
        Assert.Contains(said, Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task ListWithoutEnd_IsAskedForOnce()
    {
        for (var i = 0; i < 17; i++) Hub.With($"{new string('x', 1 << 20)}{i}", [1]);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Equal(1, Hub.Listed);
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(1_000_000, 30)]
    [InlineData(-5, 1)]
    public async Task RetryAfter_IsHeeded_WithinBounds(int asked, int waited)
    {
        var (time, tries) = (new ManualTime(), 0);
        var bounds = new DownloadBounds { DelayMin = TimeSpan.FromSeconds(1), DelayMax = TimeSpan.FromSeconds(30) };
        using var progress = new PullProgress(Output, time, isTerminal: false);
        var running = new Retries(time, bounds).RunAsync(() => tries++ == 0
            ? throw new PullException("Later.") { IsPassing = true, RetryAfter = TimeSpan.FromSeconds(asked) } : Task.FromResult(true),
            progress, static () => 0, Soon.Token);
        await Soon.In(time.WhenArmed(TimeSpan.FromSeconds(waited)));
        time.Advance(TimeSpan.FromSeconds(waited));
        Assert.True(await Soon.In(running));
    }

    private static byte[] Chunked(byte[] body) =>
    [
        .. "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"u8,
        .. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"),
        .. body, .. "\r\n0\r\n\r\n"u8,
    ];
}
