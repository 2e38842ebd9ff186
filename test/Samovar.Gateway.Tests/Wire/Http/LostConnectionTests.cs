using System.Net;
using System.Net.Sockets;
using Samovar.Gateway.Wire.Http;
using Samovar.Liveness;
using Samovar.Testing;

namespace Samovar.Gateway.Tests.Wire.Http;

public sealed class LostConnectionTests
{
    [Fact]
    public async Task ConnectionToAnUpstream_IsGivenUp_WhenItIsGone()
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        await using var stream = await UpstreamHttp.ConnectAsync(upstream.LocalEndpoint, TimeSpan.FromSeconds(42), Soon.Token);
        Assert.Equal(TimeSpan.FromSeconds(42), TcpLiveness.LostAfter(stream.Socket)); // also while what was sent is not acknowledged
        Assert.True(stream.Socket.NoDelay);
    }
}
