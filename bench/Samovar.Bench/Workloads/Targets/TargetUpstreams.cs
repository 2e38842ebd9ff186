using Samovar.Bench.Servers;
using Samovar.Bench.Stub;

namespace Samovar.Bench.Workloads.Targets;

/// <summary>The destinations behind a target: the bench's own accounts, which count, can be killed, and come back on their ports.</summary>
internal sealed class TargetUpstreams : IAsyncDisposable
{
    public const int Destinations = 2;
    private readonly PlainUpstream[] _stubs;
    private readonly int[] _ports;

    private TargetUpstreams(PlainUpstream[] stubs) => (_stubs, _ports) = (stubs, [.. stubs.Select(stub => stub.Port)]);

    public IReadOnlyList<Uri> Addresses => [.. _stubs.Select(stub => stub.BaseUrl)];

    /// <param name="port">Of the first; the others follow. 0 takes free ones.</param>
    public static async Task<TargetUpstreams> StartAsync(int port) => new(await Task.WhenAll(Enumerable.Range(0, Destinations)
        .Select(number => PlainUpstream.StartAsync(port: port == 0 ? 0 : port + number))));

    public async Task<IReadOnlyList<StubCounts>> CountsAsync() => await Task.WhenAll(_stubs.Select(stub => stub.CountsAsync()));

    public Task KillAsync(int number) => _stubs[number].KillAsync();

    /// <summary>Without anything that the account held before.</summary>
    public async Task ReviveAsync(int number)
    {
        await _stubs[number].DisposeAsync();
        _stubs[number] = await PlainUpstream.StartAsync(port: _ports[number]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stub in _stubs) await stub.DisposeAsync();
    }
}
