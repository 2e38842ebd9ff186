using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Samovar.Bench.Links;
using Samovar.Testing;

namespace Samovar.Bench.Tests.Links;

public sealed class UserspaceLinkTests : IDisposable
{
    private static readonly LinkShape Slow = new("slow", TimeSpan.FromMilliseconds(100), 0, 0, 0);
    private static readonly LinkShape Lossy = new("lossy", TimeSpan.FromMilliseconds(2), 400_000_000, 400_000_000, 0.02);
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public UserspaceLinkTests() => _server.Start();

    private Uri Server => new($"http://127.0.0.1:{((IPEndPoint)_server.LocalEndpoint).Port}/v1");

    [Fact]
    public async Task Bytes_ArriveWhole_AndInOrder_BothWays_OnManyConnections()
    {
        const int Bytes = 1_000_000, Connections = 4;
        await using var link = new UserspaceLink(Lossy, Server, seed: 3, TimeProvider.System);
        var pairs = new List<(Socket Near, Socket Far)>();
        for (var connection = 0; connection < Connections; connection++) pairs.Add(await ConnectAsync(link));
        await Task.WhenAll(pairs.SelectMany(pair =>
            new[] { PassAsync(pair.Near, pair.Far, Bytes), PassAsync(pair.Far, pair.Near, Bytes) }));
        foreach (var (near, far) in pairs)
        {
            near.Dispose();
            far.Dispose();
        }
    }

    [Fact]
    public async Task End_ComesBehindAllBytes()
    {
        await using var link = new UserspaceLink(Lossy, Server, seed: 3, TimeProvider.System);
        var (near, far) = await ConnectAsync(link);
        using (near)
        using (far)
        {
            await near.SendAsync(new byte[70_000], Soon.Token);
            near.Shutdown(SocketShutdown.Send);
            Assert.Equal(70_000, await ReadToEndAsync(far));
        }
    }

    [Fact]
    public async Task SmallExchange_TakesTheHandshake_AndOneRoundTrip()
    {
        var time = new ManualTime();
        await using var link = new UserspaceLink(Slow, Server, seed: 1, time);
        var (near, far) = await ConnectAsync(link);
        using (near)
        using (far)
        {
            await near.SendAsync("?"u8.ToArray(), Soon.Token);
            await ArrivesAfterAsync(far, 1.5 * Slow.RoundTrip, time); // what is said goes when the connection is open
            await far.SendAsync("!"u8.ToArray(), Soon.Token);
            await ArrivesAfterAsync(near, 0.5 * Slow.RoundTrip, time);
        }
    }

    [Fact]
    public async Task Link_IsClear_UntilItIsShaped()
    {
        var time = new ManualTime();
        await using var link = new UserspaceLink(Slow, Server, seed: 1, time, startsClear: true);
        var (near, far) = await ConnectAsync(link);
        using (near)
        using (far)
        {
            await near.SendAsync("?"u8.ToArray(), Soon.Token);
            Assert.Equal(1, await far.ReceiveAsync(new byte[8], Soon.Token));
            await link.ShapeAsync();
            await near.SendAsync("?"u8.ToArray(), Soon.Token);
            await ArrivesAfterAsync(far, 0.5 * Slow.RoundTrip, time);
        }
    }

    [Fact]
    public async Task Cut_IsSilent_ForBothSides_AndNewConnectionsWork()
    {
        await using var link = new UserspaceLink(Slow, Server, seed: 1, TimeProvider.System, startsClear: true);
        var (near, far) = await ConnectAsync(link);
        using (near)
        using (far)
        {
            await PassAsync(near, far, 100);
            await link.CutAsync();
            await near.SendAsync(new byte[100], Soon.Token); // is taken, as by a socket's buffer
            await far.SendAsync(new byte[100], Soon.Token);
            var (newNear, newFar) = await ConnectAsync(link);
            using (newNear)
            using (newFar)
            {
                await PassAsync(newNear, newFar, 100_000); // and by now the others would have heard
                await PassAsync(newFar, newNear, 100_000);
            }
            Assert.False(near.Poll(0, SelectMode.SelectRead)); // neither bytes nor an end
            Assert.False(far.Poll(0, SelectMode.SelectRead));
        }
    }

    [Fact]
    public async Task Cut_StaysSilent_ThoughOneSideLeaves()
    {
        await using var link = new UserspaceLink(Slow, Server, seed: 1, TimeProvider.System, startsClear: true);
        var (near, far) = await ConnectAsync(link);
        using (far)
        {
            await PassAsync(near, far, 100);
            await link.CutAsync();
            near.Dispose();
            var (newNear, newFar) = await ConnectAsync(link);
            using (newNear)
            using (newFar)
                await PassAsync(newNear, newFar, 100_000);
            Assert.False(far.Poll(0, SelectMode.SelectRead));
        }
    }

    [Fact]
    public async Task Disposal_EndsEverything_WhateverWaits()
    {
        var link = new UserspaceLink(Slow, Server, seed: 1, new ManualTime()); // whose time never comes
        var (near, far) = await ConnectAsync(link);
        var (cut, other) = await ConnectAsync(link);
        await near.SendAsync(new byte[50_000], Soon.Token);
        await link.CutAsync();
        await Soon.In(link.DisposeAsync().AsTask());
        Assert.Equal(0, await ReadToEndAsync(far));
        Assert.Equal(0, await ReadToEndAsync(other));
        foreach (var socket in (Socket[])[near, far, cut, other]) socket.Dispose();
        using var late = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(IPAddress.Loopback, link.Address.Port));
    }

    [Fact]
    public async Task Memory_IsBounded_HoweverMuchIsSent()
    {
        await using var link = new UserspaceLink(Slow, Server, seed: 1, new ManualTime()); // nothing arrives
        var (near, far) = await ConnectAsync(link);
        using (near)
        using (far)
        {
            near.Blocking = false;
            var (piece, sent) = (new byte[64 << 10], 0L);
            await Soon.UntilAsync(() =>
            {
                var taken = near.Send(piece, 0, piece.Length, SocketFlags.None, out var error);
                if (error == SocketError.Success) sent += taken;
                return error == SocketError.WouldBlock && link.PiecesWaiting > UserspaceLink.PiecesMax;
            });
            Assert.InRange(link.PiecesWaiting, 1, UserspaceLink.PiecesMax + 2); // the one that is written, and the one that waits for room
            Assert.InRange(sent, 1, 64 << 20); // with what the kernel's buffers take
        }
    }

    public void Dispose() => _server.Dispose();

    private async Task<(Socket Near, Socket Far)> ConnectAsync(UserspaceLink link)
    {
        var near = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await near.ConnectAsync(IPAddress.Loopback, link.Address.Port, Soon.Token);
        return (near, await _server.AcceptSocketAsync(Soon.Token));
    }

    private static async Task ArrivesAfterAsync(Socket socket, TimeSpan after, ManualTime time)
    {
        await Soon.In(time.WhenArmed(after));
        time.Advance(after - TimeSpan.FromTicks(1));
        Assert.False(socket.Poll(0, SelectMode.SelectRead));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, await socket.ReceiveAsync(new byte[8], Soon.Token));
    }

    private static async Task PassAsync(Socket from, Socket to, int bytes)
    {
        var sent = RandomNumberGenerator.GetBytes(bytes);
        var received = new byte[bytes];
        var sending = Task.Run(async () => { for (var at = 0; at < bytes;) at += await from.SendAsync(sent.AsMemory(at), Soon.Token); });
        for (var at = 0; at < bytes;)
        {
            var read = await to.ReceiveAsync(received.AsMemory(at), Soon.Token);
            Assert.NotEqual(0, read);
            at += read;
        }
        await sending;
        Assert.Equal(sent, received);
    }

    private static async Task<int> ReadToEndAsync(Socket socket)
    {
        var (buffer, all) = (new byte[16 << 10], 0);
        while (await socket.ReceiveAsync(buffer, Soon.Token) is > 0 and var read) all += read;
        return all;
    }
}
