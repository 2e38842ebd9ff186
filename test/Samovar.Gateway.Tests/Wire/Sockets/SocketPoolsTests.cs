using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire.Http;
using Samovar.Gateway.Wire.Sockets;
using Samovar.Testing;

namespace Samovar.Gateway.Tests.Wire.Sockets;

/// <summary>One pool for each destination that is in force, and one timer for each pool.</summary>
public sealed class SocketPoolsTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly UpstreamOptions _options = new();
    private readonly UpstreamHttp _http = new(new UpstreamOptions());
    private readonly SocketPools _pools;

    public SocketPoolsTests() => _pools = new SocketPools(_http, _options, _time, NullLogger.Instance);

    [Fact]
    public void Destination_HasOnePool_HoweverManyAskAtOnce()
    {
        var destination = Destination("a");
        for (var round = 0; round < 50; round++)
        {
            var made = new UpstreamSockets[8];
            Parallel.For(0, made.Length, index => made[index] = _pools.Of(destination));
            Assert.Single(made.Distinct());
            Assert.Equal((1, 1), (_pools.Count, _time.Armed)); // a second one's timer would never be disposed
            _pools.KeepOnly(new HashSet<string>(StringComparer.Ordinal) { "none" });
            Assert.Equal((0, 0), (_pools.Count, _time.Armed));
            _pools.KeepOnly(new HashSet<string>(StringComparer.Ordinal) { destination.Origin });
        }
    }

    [Fact]
    public void DestinationThatIsGone_LeavesNothingBehind_WhoeverStillComesWithIt()
    {
        var (gone, kept) = (Destination("gone"), Destination("kept"));
        _ = (_pools.Of(gone), _pools.Of(kept));
        _pools.KeepOnly(new HashSet<string>(StringComparer.Ordinal) { kept.Origin });
        Assert.Equal((1, 1), (_pools.Count, _time.Armed));
        _ = _pools.Of(gone); // a turn that began before
        Assert.Equal((1, 1), (_pools.Count, _time.Armed));
        _pools.Dispose();
        _ = _pools.Of(kept);
        Assert.Equal((0, 0), (_pools.Count, _time.Armed));
    }

    public void Dispose()
    {
        _pools.Dispose();
        _http.Dispose();
    }

    private Destination Destination(string name)
    {
        var options = new DestinationOptions { Name = name, Kind = "responses-ws", BaseUrl = "http://127.0.0.1:9/v1", Models = { "m" } };
        return new Destination(options, new DestinationState(options, _options, _time), _ => null);
    }
}
