using Samovar.Engine.Sequences;

namespace Samovar.Engine.Tests.Sequences;

/// <summary>A chain stands where its newest turn ended.</summary>
public sealed class ChainPlaceTests
{
    private readonly SegmentTree _tree = new();
    private readonly PinHome _home = new();

    [Fact]
    public void Continuation_MovesItsChainOn_AndAForkAddsOne()
    {
        var (start, first) = (Segment(1), Segment(1, 2));
        var one = Pin(first);
        Assert.Equal((1, 1), (start.Users, first.Users));
        var (left, right) = (Segment(1, 3), Segment(1, 2, 4));
        Pin(left, one);
        Assert.Equal((1, 0, 1), (start.Users, first.Users, left.Users));
        Pin(right, one);
        Assert.Equal((2, 1, 1), (start.Users, first.Users, left.Users));
    }

    [Fact]
    public void Chain_StandsWhereItStoodBefore_WhenAllThatFollowedIsDropped()
    {
        var (first, second, third) = (Segment(1, 2), Segment(1, 3), Segment(1, 4));
        var one = Pin(first);
        var two = Pin(second, one);
        var three = Pin(third, two);
        _home.LetGo(two); // the middle says nothing of its chain's end
        Assert.Equal((0, 0, 1), (first.Users, second.Users, third.Users));
        _home.LetGo(three);
        Assert.Equal((1, 0, 0), (first.Users, second.Users, third.Users));
        _home.LetGo(three);
        _home.LetGo(one);
        Assert.Equal((0, 0), (first.Users, first.Pins));
        Assert.Equal(0, first.Parent!.Users);
    }

    [Fact]
    public void Split_LeavesUsersWhereTheyStand()
    {
        var whole = Segment(1, 2, 3);
        var pin = Pin(whole);
        var front = _tree.At(whole, 2);
        Assert.Equal((1, 1), (front.Users, whole.Users));
        _home.LetGo(pin);
        Assert.Equal((0, 0), (front.Users, whole.Users));
    }

    /// <summary>At random: users are the chains' ends, counted along the trees.</summary>
    [Fact]
    public void Users_AreTheNewestEnds_Always()
    {
        var random = new Random(11);
        var live = new List<(HeldPath Pin, int Before)>();
        var all = new List<HeldPath>();
        for (var step = 0; step < 2000; step++)
        {
            if (live.Count < 12 && random.Next(3) > 0)
            {
                var before = live.Count > 0 && random.Next(4) > 0 ? live[random.Next(live.Count)].Pin : null;
                var pin = Pin(Segment(random.Next(3), random.Next(3), random.Next(3)), before);
                live.Add((pin, before is null ? -1 : all.IndexOf(before)));
                all.Add(pin);
            }
            else if (live.Count > 0)
            {
                var at = random.Next(live.Count);
                _home.LetGo(live[at].Pin);
                live.RemoveAt(at);
            }
            Assert.InRange(_tree.Root("a").Users, live.Count > 0 ? 1 : 0, live.Count);
            foreach (var segment in _tree.Root("a").Children) CheckSums(segment);
        }
        foreach (var (pin, _) in live) _home.LetGo(pin);
        Assert.Equal(0, _tree.Root("a").Users);
        foreach (var segment in _tree.Root("a").Children) Assert.Equal(0, segment.Users);
    }

    private static void CheckSums(Segment segment)
    {
        var behind = segment.Children.Sum(child => child.Users);
        Assert.InRange(segment.Users, behind, behind + segment.Pins);
        foreach (var child in segment.Children) CheckSums(child);
    }

    private HeldPath Pin(Segment segment, HeldPath? before = null) => _home.Pin(TokenPath.Empty, "a", segment, before);

    private Segment Segment(params int[] tokens) => _tree.Insert(_tree.Root("a"), tokens);
}
