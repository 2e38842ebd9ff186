using Samovar.Bench.Reports;
using Samovar.Bench.Samples;

namespace Samovar.Bench.Tests.Reports;

public sealed class CellFiguresTests
{
    private static readonly SampleCell Socket = MadeSamples.Cell("ws"), Whole = MadeSamples.Cell("http-whole");

    [Fact]
    public void Figures_AreMediansOfRounds_WithTheLeastAndTheMost()
    {
        var cell = Assert.Single(CellFigures.Of([.. MadeSamples.Rounds(Socket, 4, [100, 300, 200])]));
        Assert.Equal((3, 4, 0), (cell.Rounds, cell.Turns, cell.Errors));
        Assert.Equal(new Spread(800, 400, 1200, 3), cell.BytesUp);
        Assert.Equal(new Spread(4000, 4000, 4000, 3), cell.TaskMs);
        Assert.Equal(new Spread(1, 1, 1, 3), cell.Connections);
        Assert.Equal(new Spread(2, 2, 2, 3), cell.PrefilledPerNew);
        Assert.Null(cell.ServerCpuMs); // nobody measured it: that is not 0
    }

    [Fact]
    public void Change_IsBetweenRoundsOfOneNumber()
    {
        var samples = MadeSamples.Rounds(Socket, 4, [10, 100, 40]).Concat(MadeSamples.Rounds(Whole, 4, [100, 200, 400]));
        Assert.Equal(new Spread(-90, -90, -50, 3), CellFigures.Of([.. samples]).Single(cell => cell.Cell == Socket).BytesUpChange);
    }

    [Fact]
    public void PerTurn_IsOverRounds_AndSumsUpToTheTurn()
    {
        var turns = Assert.Single(CellFigures.Of([.. MadeSamples.Rounds(Socket, 3, [10, 30, 20])])).PerTurn;
        Assert.Equal([1, 2, 3], turns.Select(turn => turn.Turn));
        Assert.All(turns, turn => Assert.Equal(new Spread(20, 10, 30, 3), turn.BytesUp));
        Assert.Equal(new Spread(60, 30, 90, 3), turns[2].SummedUp);
    }

    [Fact]
    public void RoundThatBrokeOff_CountsAsAnError_AndInNoFigureOfATask()
    {
        var samples = MadeSamples.Rounds(Socket, 4, [100, 100]).Concat(MadeSamples.Round(Socket, 3, 2, 100, error: "timeout"));
        var cell = Assert.Single(CellFigures.Of([.. samples]));
        Assert.Equal((3, 1), (cell.Rounds, cell.Errors));
        Assert.Equal(new Spread(400, 400, 400, 2), cell.BytesUp);
    }

    [Fact]
    public void SessionsOfARound_RunBesideEachOther()
    {
        var other = MadeSamples.Round(Socket, 1, 2, 100, totalMs: 700).Select(turn => turn with { Session = "2" });
        var cell = Assert.Single(CellFigures.Of([.. MadeSamples.Round(Socket, 1, 2, 100), .. other]));
        Assert.Equal(2000, cell.TaskMs!.Median);
        Assert.Equal(400, cell.BytesUp!.Median);
    }

    /// <summary>10,000 tokens a second are 2 ms for 20; what is left of a turn is nobody's.</summary>
    [Fact]
    public void TimeParts_AddUpToTheTask()
    {
        var parts = Assert.Single(CellFigures.Of([.. MadeSamples.Rounds(Socket, 4, [1, 1, 1])])).Parts;
        Assert.Equal((8.0, 3600.0, 392.0), (parts.Prefill!.Median, parts.Decode!.Median, parts.Remaining!.Median));
        Assert.Null(parts.Queue);
        var known = MadeSamples.Rounds(Socket, 4, [1, 1, 1]).Select(turn => turn with { LinkMs = 40, QueueMs = 10, RenderMs = 1 });
        Assert.Equal(392 - 204.0, Assert.Single(CellFigures.Of([.. known])).Parts.Remaining!.Median);
    }

    [Fact]
    public void Figure_WithoutItsSpread_IsNotPrinted()
    {
        Assert.Equal("–", Spread.Of([176.0])!.Text());
        Assert.Equal("176", Spread.Of([176.0, 176])!.Text());
        Assert.Equal("176 (170–181)", Spread.Of([181.0, 170, 176])!.Text());
        Assert.Equal("-80 (-82 to 0)", Spread.Of([-82.0, -80, -0.2])!.Text());
        Assert.Null(Spread.Of([null, double.NaN]));
        var table = TransportTable.Text(CellFigures.Of([.. MadeSamples.Round(Socket, 1, 4, 123_456)]));
        Assert.DoesNotContain("494", table, StringComparison.Ordinal);
        Assert.Contains("| loop-20", table, StringComparison.Ordinal);
    }
}
