using Samovar.Backends;
using Samovar.Gateway.Attempts;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Attempts;

/// <summary>Whatever an upstream cuts in two goes on as whole characters.</summary>
public sealed class PairJoinTests
{
    private readonly PairJoin _pairs = new();

    [Fact]
    public void Halves_BecomeTheCharacter()
    {
        Check(new BackendEvent.Delta("a\ud83d"), new BackendEvent.Delta("a"));
        Check(new BackendEvent.Delta("\ude00b"), new BackendEvent.Delta("😀b"));
        Check(new BackendEvent.RefusalDelta("\ud83d"));
        Check(new BackendEvent.RefusalDelta("\ude00\ud83d"), new BackendEvent.RefusalDelta("😀"));
        Check(new BackendEvent.RefusalDelta("\ude00"), new BackendEvent.RefusalDelta("😀"));
        Check(new BackendEvent.SummaryDelta("\ud83d", 1));
        Check(new BackendEvent.SummaryDelta("\ude00", 1), new BackendEvent.SummaryDelta("😀", 1));
    }

    [Fact]
    public void HalfThatStaysAlone_IsReplaced_WhereItStood()
    {
        Check(new BackendEvent.Delta("\ude00a\ud83db"), new BackendEvent.Delta("\uFFFDa\uFFFDb"));
        Check(new BackendEvent.Delta("\ud83d"));
        Check(new BackendEvent.Delta("x"), new BackendEvent.Delta("\uFFFDx"));
        Check(new BackendEvent.SummaryDelta("\ud83d", 1));
        Check(new BackendEvent.SummaryDelta("\ude00", 2),
            new BackendEvent.SummaryDelta("\uFFFD", 1), new BackendEvent.SummaryDelta("\uFFFD", 2));
        Check(new BackendEvent.Delta("\ud83d"));
        Check(new BackendEvent.ItemDone(), new BackendEvent.Delta("\uFFFD"), new BackendEvent.ItemDone());
    }

    [Fact]
    public void WholePieces_GoOnAsTheyAre()
    {
        var piece = new BackendEvent.Delta("a", RawJson.Of("[1]"));
        Assert.Same(piece, Assert.Single(Join(piece)));
        Assert.Equal("[1]", Assert.IsType<BackendEvent.Delta>(Assert.Single(
            Join(new BackendEvent.Delta("\ud83d", RawJson.Of("[1]"))))).Logprobs.ToString());
    }

    private void Check(BackendEvent sent, params BackendEvent[] joined) => Assert.Equal(joined, Join(sent));

    private List<BackendEvent> Join(BackendEvent sent)
    {
        var joined = new List<BackendEvent>();
        if (_pairs.Alone(sent) is { } alone) joined.Add(alone);
        if (_pairs.Whole(sent) is { } whole) joined.Add(whole);
        return joined;
    }
}
