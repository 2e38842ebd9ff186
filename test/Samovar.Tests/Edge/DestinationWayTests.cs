using System.Net;
using System.Net.Sockets;
using Samovar.Cli.Edge;
using Samovar.Gateway.Destinations;
using Samovar.Testing;

namespace Samovar.Tests.Edge;

/// <summary>What whoever runs an edge hears of a way that is gone.</summary>
public sealed class DestinationWayTests
{
    private readonly LineLogger<PoolTable> _lines = new();

    [Fact]
    public void EachOutage_IsSaidOnce_WithItsEnd()
    {
        var way = Way(TimeSpan.FromMinutes(5));
        way.Stands();
        for (var outage = 0; outage < 2; outage++)
        {
            for (var attempt = 0; attempt < 3; attempt++) way.IsGone("Connection refused (host:1)");
            for (var answer = 0; answer < 3; answer++) way.Stands();
        }
        string[] once =
        [
            "There is no way to destination 'up': Connection refused (host:1); its turns wait for one, up to 5 minutes",
            "There is a way to destination 'up' again",
        ];
        Assert.Equal([.. once, .. once], _lines.Lines);
    }

    /// <summary>Their clients are told at once.</summary>
    [Fact]
    public void WhereNoTurnWaits_NothingIsSaid()
    {
        Way(TimeSpan.Zero).IsGone("Connection refused");
        Assert.Empty(_lines.Lines);
    }

    [Fact]
    public async Task Start_SaysWhereNobodyAnswers_AndNothingElse()
    {
        var output = new StringWriter();
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            var trial = EdgeTrial.RunAsync(output, new Uri($"http://{listener.LocalEndpoint}/v1"), TimeSpan.FromMinutes(5));
            using var client = await listener.AcceptTcpClientAsync(Soon.Token);
            await client.GetStream().ReadExactlyAsync(new byte[16], Soon.Token);
            await client.GetStream().WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Soon.Token);
            await Soon.In(trial);
            Assert.Equal("", output.ToString());
        }
        await Soon.In(EdgeTrial.RunAsync(output, new Uri("http://127.0.0.1:1/v1"), TimeSpan.FromMinutes(5)));
        Assert.StartsWith("There is no way to http://127.0.0.1:1/v1 now: Connection refused", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("; turns wait for one, up to 5 minutes. Is the address right?", output.ToString(), StringComparison.Ordinal);
    }

    private DestinationWay Way(TimeSpan waitMax) => new("up", waitMax, new DestinationLog(_lines));
}
