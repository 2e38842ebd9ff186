using System.Net;
using System.Net.Sockets;
using Samovar.Bench.Links;
using Samovar.Testing;

namespace Samovar.Bench.Tests.Links;

/// <summary>Real namespaces and relays, where this process may make them; that they are slow too only where the kernel has netem.</summary>
public sealed class NetemLinkTests
{
    [Fact]
    public async Task Link_CarriesBytes_IsCutSilently_AndLeavesNothing()
    {
        var plan = new NetemPlan(LinkShape.Airplane, Environment.ProcessId, Index: 200);
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) Assert.Skip("Namespaces need root on Linux.");
        var obstacle = await NetemProbe.FirstFaultAsync(plan.Open(), NetworkCommands.RunAsync, CancellationToken.None);
        foreach (var command in plan.Close()) await NetworkCommands.RunAsync(command);
        if (obstacle is not null) Assert.Skip(obstacle);

        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/v1");
        await using (var link = await NetemLink.OpenAsync(plan, address, startsClear: true, NetworkCommands.RunAsync, Soon.Token))
        {
            Assert.Equal((plan.FarAddress, "/v1"), (link.Address.Host, link.Address.AbsolutePath));
            var (near, far) = await ConnectAsync(link, server);
            await EchoAsync(near, far);
            await link.CutAsync();
            await EchoUntilCutAsync(near, far);
            var (newNear, newFar) = await ConnectAsync(link, server);
            await EchoAsync(newNear, newFar);
            Assert.False(near.Poll(0, SelectMode.SelectRead) && near.Available == 0); // told nothing
            Assert.False(far.Poll(0, SelectMode.SelectRead) && far.Available == 0);
            foreach (var socket in (Socket[])[near, far, newNear, newFar]) socket.Dispose();
        }
        Assert.False(File.Exists("/run/netns/" + plan.Namespace));
        Assert.False(Directory.Exists("/sys/class/net/" + plan.Near));
    }

    private static async Task<(Socket Near, Socket Far)> ConnectAsync(ILink link, TcpListener server)
    {
        var near = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await near.ConnectAsync(link.Address.Host, link.Address.Port, Soon.Token);
        return (near, await server.AcceptSocketAsync(Soon.Token));
    }

    private static async Task EchoAsync(Socket near, Socket far)
    {
        await near.SendAsync("?"u8.ToArray(), Soon.Token);
        Assert.Equal(1, await far.ReceiveAsync(new byte[1], Soon.Token));
        await far.SendAsync("!"u8.ToArray(), Soon.Token);
        Assert.Equal(1, await near.ReceiveAsync(new byte[1], Soon.Token));
    }

    /// <summary>The relay is in another process, so what is said at once may still pass.</summary>
    private static Task EchoUntilCutAsync(Socket near, Socket far)
    {
        var (sent, received, much) = (0, 0, new byte[500]);
        return Soon.UntilAsync(() =>
        {
            sent += near.Send(much);
            while (far.Available > 0) received += far.Receive(new byte[1024]);
            return sent - received > 100_000; // more than a busy machine is behind
        });
    }
}
