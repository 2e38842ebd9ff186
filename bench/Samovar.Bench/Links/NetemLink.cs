using Samovar.Bench.Servers;

namespace Samovar.Bench.Links;

/// <summary>
/// A link that the kernel makes slow. Clients connect to a relay in a namespace of its own, over two shaped interfaces; the relay hands
/// everything to a second one on this side through a socket file, which no shaping touches.
/// </summary>
/// <remarks>
/// What it made is taken away when it is disposed of, when the process ends without that, and, after a process that was killed, by the
/// next one that opens a link.
/// </remarks>
internal sealed class NetemLink : ILink
{
    private const string NamespacesFolder = "/run/netns";
    private static int _links;
    private readonly NetemPlan _plan;
    private readonly RunCommand _run;
    private readonly string _socketPath = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly Uri _server;
    private ChildProcess? _near, _far;

    private NetemLink(NetemPlan plan, Uri server, RunCommand run) => (_plan, _server, _run) = (plan, server, run);

    public LinkShape Shape => _plan.Shape;
    public string Method => "netem";
    public Uri Address => new UriBuilder(_server) { Host = _plan.FarAddress, Port = _far!.Port }.Uri;

    public static async Task<ILink> OpenAsync(LinkShape shape, Uri server, bool startsClear, CancellationToken stop)
    {
        var plan = new NetemPlan(shape, Environment.ProcessId, Interlocked.Increment(ref _links));
        if (plan.Index == 1) await SweepAsync(NetworkCommands.RunAsync);
        return await OpenAsync(plan, server, startsClear, NetworkCommands.RunAsync, stop);
    }

    public static async Task<ILink> OpenAsync(NetemPlan plan, Uri server, bool startsClear, RunCommand run, CancellationToken stop)
    {
        var link = new NetemLink(plan, server, run);
        AppDomain.CurrentDomain.ProcessExit += link.TakeAway;
        try
        {
            await link.RunAllAsync(plan.Open(), stop);
            link._near = await ChildProcess.BenchAsync("hop", "--at", link._socketPath, "--to", $"{server.Port}");
            link._far = await ChildProcess.BenchAsync(["hop", "--listen", plan.FarAddress, "--via", link._socketPath], plan.Inside);
            if (!startsClear) await link.ShapeAsync();
            return link;
        }
        catch
        {
            await link.DisposeAsync();
            throw;
        }
    }

    public Task ShapeAsync() => RunAllAsync(_plan.Shaped(), CancellationToken.None);

    public Task CutAsync() => _far!.TellAsync(TcpHop.Cut);

    public async ValueTask DisposeAsync()
    {
        if (_far is not null) await _far.DisposeAsync();
        if (_near is not null) await _near.DisposeAsync();
        await CloseAsync();
        AppDomain.CurrentDomain.ProcessExit -= TakeAway;
    }

    /// <summary>Takes away what processes left that are no more.</summary>
    private static async Task SweepAsync(RunCommand run)
    {
        if (!Directory.Exists(NamespacesFolder)) return;
        var names = Directory.EnumerateFiles(NamespacesFolder).Select(path => Path.GetFileName(path));
        foreach (var name in NetemPlan.Leftovers(names, id => Directory.Exists($"/proc/{id}")).ToList())
            await run(["ip", "netns", "del", name]); // its interface goes with it, and so does the other end of the pair
    }

    private async Task RunAllAsync(IEnumerable<IReadOnlyList<string>> commands, CancellationToken stop)
    {
        if (await NetemProbe.FirstFaultAsync(commands, _run, stop) is { } fault) throw new InvalidOperationException(fault);
    }

    private async Task CloseAsync()
    {
        foreach (var command in _plan.Close()) await _run(command);
        File.Delete(_socketPath);
    }

    private void TakeAway(object? sender, EventArgs e) => CloseAsync().GetAwaiter().GetResult(); // nothing runs after this
}
