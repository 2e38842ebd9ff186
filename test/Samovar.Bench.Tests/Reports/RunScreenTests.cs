using Samovar.Bench.Reports;
using Samovar.Bench.Transport;
using Samovar.Testing;

namespace Samovar.Bench.Tests.Reports;

public sealed class RunScreenTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly StringWriter _written = new();

    public void Dispose() => _written.Dispose();

    [Fact]
    public void Screen_SaysWhatRuns_HowFar_AndHowLong()
    {
        using (var screen = new RunScreen(_written, _time, () => 100)) Play(screen);
        var last = _written.ToString().Split("\e[", StringSplitOptions.None);
        var text = string.Concat(last.Select(part => part.TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')));
        Assert.Contains("2 of 4 rounds, 0:10 gone, about 2:50 left", text, StringComparison.Ordinal);
        Assert.Contains("fix-test ws provider-65 wan: turn 2 of 12, 1.5 KB up, first token 80 ms", text, StringComparison.Ordinal);
        Assert.Contains("done fix-test http-whole provider-65 wan, round 1: last turn 1.5 KB up", text, StringComparison.Ordinal);
        Assert.Contains("failed fix-test http-whole provider-65 wan turn 1: timeout", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Screen_KeepsWithinTheTerminal()
    {
        using (var screen = new RunScreen(_written, _time, () => 30)) Play(screen);
        Assert.All(_written.ToString().Split('\n').Select(line => line[(line.LastIndexOf("2K", StringComparison.Ordinal) + 2)..]),
            line => Assert.InRange(line.Length, 0, 29));
    }

    [Fact]
    public void Lines_SayTheSame_WhereNoTerminalIs()
    {
        Play(new RunLines(_written, _time));
        Assert.DoesNotContain('\e', _written.ToString());
        Assert.Contains("going on: 1 of 4 are measured", _written.ToString(), StringComparison.Ordinal);
        Assert.Contains("2 of 4 rounds, 0:10 gone, about 2:50 left: fix-test http-whole", _written.ToString(), StringComparison.Ordinal);
    }

    private void Play(IRunProgress progress)
    {
        var rounds = new ReportPlan(1, HasEngine: false).All().Where(round => round.Cell is ("fix-test", _, "provider-65", "wan")).ToList();
        var whole = rounds.First(round => round.Kind == TransportKind.HttpWhole);
        var socket = rounds.First(round => round.Kind == TransportKind.Socket);
        progress.Begin([whole, socket, rounds.First(round => round.Kind == TransportKind.SocketBare)], finished: 1);
        progress.Began(whole);
        progress.Began(socket);
        var sample = MadeSamples.Round(whole.Cell, 1, 1, 1500, firstMs: 80, totalMs: 900).Single();
        progress.Turn(socket, sample);
        progress.Turn(whole, sample with { Error = "timeout" });
        _time.Advance(TimeSpan.FromSeconds(10));
        progress.Ended(whole);
    }
}
