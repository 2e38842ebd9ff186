using Samovar.Engine.Decoding;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>Where a prompt is saved on the way.</summary>
public sealed class TurnMarksTests
{
    private const int NoPlace = 32; // behind where the turn begins
    private readonly TurnMarks _marks = new();

    [Fact]
    public void Place_KeepsWhatIsStillToCome_InItsOrder()
    {
        _marks.Place([new(40, MarkKind.StableStart), new(60, MarkKind.QuestionStart), new(90, MarkKind.QuestionEnd)], 50, 50, 95);
        Assert.Equal([(60, MarkKind.QuestionStart), (90, MarkKind.QuestionEnd)], Taken(50, 95));
    }

    [Fact]
    public void Place_DropsWhatIsCloseToAnother_OrBehindWhatIsComputedInChunks()
    {
        _marks.Place([new(30, MarkKind.StableStart), new(33, MarkKind.QuestionStart), new(70, MarkKind.QuestionEnd)], 0, 0, 69);
        Assert.Equal([(30, MarkKind.StableStart)], Taken(0, 69));
    }

    [Theory]
    [InlineData(0, 9000)]
    [InlineData(5000, 7000)]
    public void Intervals_LeaveNoEditMoreThanTwiceItsDistance(int from, int to)
    {
        _marks.Place([], from, from, to);
        var places = Taken(from, to).Select(one => one.Place).Prepend(from).ToList();
        for (var distance = 128; distance <= to - from; distance++)
        {
            var computed = to - places.Last(place => place <= to - distance);
            Assert.InRange(computed, distance, 2 * distance + NoPlace);
        }
        Assert.InRange(places.Count, 2, 9);
    }

    [Fact]
    public void Intervals_LeaveNoEditMoreThanTwiceItsDistance_WhereverOtherPlacesAre()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (from, to) = (random.Next(100), random.Next(300, 3000));
            var given = Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(from, to)).Distinct().Order()
                .Select(place => new PromptMark(place, MarkKind.QuestionStart)).ToList();
            _marks.Place(given, from, from, to);
            var places = Taken(from, to).Select(one => one.Place).Prepend(from).ToList();
            for (var distance = 128; distance <= to - from; distance++)
            {
                var computed = to - places.Last(place => place <= to - distance);
                Assert.InRange(computed, distance, 2 * distance + NoPlace);
            }
        }
    }

    [Fact]
    public void Place_MarksWhereThePromptLeavesWhatIsKnown_OnlyWhereMuchOfThatIsMissing()
    {
        _marks.Place([], 0, 500, 600);
        Assert.Contains((500, MarkKind.Branch), Taken(0, 600));
        _marks.Place([], 450, 500, 600);
        Assert.DoesNotContain((500, MarkKind.Branch), Taken(450, 600));
        _marks.Place([new(490, MarkKind.StableStart)], 0, 500, 600);
        Assert.DoesNotContain((500, MarkKind.Branch), Taken(0, 600));
    }

    [Fact]
    public void AddBranch_IsOnceForAll_AndNotForWhatIsThere()
    {
        _marks.Place([], 0, 0, 100);
        _marks.AddBranch(60, 10);
        _marks.AddBranch(60, 10);
        _marks.AddBranch(5, 10);
        Assert.Equal([(60, MarkKind.Branch)], Taken(10, 100));
    }

    [Fact]
    public void Before_IsAPlaceCloseInFront_ElseThePositionItself()
    {
        _marks.Place([new(50, MarkKind.StableStart)], 0, 0, 100);
        Assert.Equal((50, 80, 45), (_marks.Before(60, 0), _marks.Before(80, 0), _marks.Before(45, 0)));
    }

    [Fact]
    public void TakeNear_TakesAPlaceThatComesAtOnce()
    {
        _marks.Place([new(53, MarkKind.QuestionStart), new(90, MarkKind.QuestionEnd)], 50, 50, 95);
        Assert.Equal(MarkKind.QuestionStart, _marks.TakeNear(50));
        Assert.Null(_marks.TakeNear(50));
        Assert.Equal(40, _marks.Until(50));
    }

    private List<(int Place, MarkKind Kind)> Taken(int from, int to)
    {
        var taken = new List<(int, MarkKind)>();
        while (_marks.Until(from) is var next && next <= to - from)
        {
            from += next;
            if (_marks.Take(from) is { } kind) taken.Add((from, kind));
        }
        return taken;
    }
}
