using Samovar.Bench.Links;

namespace Samovar.Bench.Tests.Links;

public sealed class NetemTests
{
    private static readonly NetemPlan Plan = new(LinkShape.Airplane, Process: 4711, Index: 3);
    private static readonly Uri Server = new("http://127.0.0.1:1");
    private readonly List<string> _ran = [];

    [Fact]
    public void Link_IsOpened_WithAPairOfInterfaces_IntoANamespace() => Assert.Equal(
    [
        "ip netns add samovar-bench-4711-3",
        "ip link add sb4711h3 type veth peer name sb4711n3 netns samovar-bench-4711-3",
        "ip link set sb4711h3 gso_max_segs 1 up",
        "ip -n samovar-bench-4711-3 link set sb4711n3 gso_max_segs 1 up",
        "ip addr add 10.111.3.1/30 dev sb4711h3",
        "ip -n samovar-bench-4711-3 addr add 10.111.3.2/30 dev sb4711n3",
        "ip -n samovar-bench-4711-3 link set lo up",
    ], Lines(Plan.Open()));

    [Fact]
    public void BothEnds_DelayHalf_AndHaveTheirOwnRate_AndLoss() => Assert.Equal(
    [
        "tc qdisc add dev sb4711h3 root netem delay 300ms limit 1000 rate 256000bit loss 3%",
        "tc -n samovar-bench-4711-3 qdisc add dev sb4711n3 root netem delay 300ms limit 1000 rate 1000000bit loss 3%",
    ], Lines(Plan.Shaped()));

    [Fact]
    public void LinkWithoutLoss_SaysNone() => Assert.Equal(
        "tc qdisc add dev sb4711h3 root netem delay 20ms limit 1000 rate 50000000bit",
        Lines((Plan with { Shape = LinkShape.Wan }).Shaped())[0]);

    [Fact]
    public void Interfaces_HaveNamesThatTheKernelTakes()
    {
        var plan = Plan with { Process = 4_194_304, Index = 9999 }; // the largest process id that there is
        Assert.InRange(plan.Near.Length, 1, 15);
        Assert.InRange(plan.Far.Length, 1, 15);
    }

    [Fact]
    public async Task Probe_TriesEverything_AndTakesItAway()
    {
        Assert.Null(await NetemProbe.ObstacleAsync(Plan, Run(), CancellationToken.None));
        Assert.Equal([.. Lines(Plan.Open()), .. Lines(Plan.Shaped()), .. Lines(Plan.Close())], _ran);
    }

    [Fact]
    public async Task Probe_NamesWhatFailed_AndTakesAwayWhatItMade()
    {
        var run = Run(failing: "tc", "Error: Specified qdisc kind is unknown.");
        var why = await NetemProbe.ObstacleAsync(Plan, run, CancellationToken.None);
        Assert.Equal($"{Lines(Plan.Shaped())[0]}: Error: Specified qdisc kind is unknown.", why);
        Assert.Equal([.. Lines(Plan.Open()), Lines(Plan.Shaped())[0], .. Lines(Plan.Close())], _ran);
    }

    [Fact]
    public async Task Link_LeavesNothing_WhereItsCommandsFail()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            NetemLink.OpenAsync(Plan, Server, startsClear: false, Run("ip addr", "no room"), CancellationToken.None));
        Assert.Equal(Lines(Plan.Close()), _ran[^2..]);
    }

    [Fact]
    public async Task Link_LeavesNothing_WhereItIsStoppedMeanwhile()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAsync<OperationCanceledException>(() => NetemLink.OpenAsync(Plan, Server, startsClear: false, command =>
        {
            stop.Cancel(); // Ctrl+C while the first one runs
            return Run()(command);
        }, stop.Token));
        Assert.Equal([Lines(Plan.Open())[0], .. Lines(Plan.Close())], _ran);
    }

    [Fact]
    public void Leftovers_AreOfProcessesThatAreNoMore() => Assert.Equal(["samovar-bench-7-1", "samovar-bench-7-2"], NetemPlan.Leftovers(
        ["samovar-bench-7-1", "samovar-bench-8-1", "samovar-bench-7-2", "samovar-bench-x-1", "samovar-bench-7", "other-7-1"],
        id => id == 8));

    [Fact]
    public async Task MissingProgram_IsNamed() =>
        Assert.NotEmpty((await NetworkCommands.RunAsync(["no-such-program-there"]))!);

    private static string[] Lines(IEnumerable<IReadOnlyList<string>> commands) =>
        [.. commands.Select(command => string.Join(' ', command))];

    private RunCommand Run(string? failing = null, string said = "") => command =>
    {
        var line = string.Join(' ', command);
        _ran.Add(line);
        return Task.FromResult(failing is not null && line.StartsWith(failing, StringComparison.Ordinal) ? said : null);
    };
}
