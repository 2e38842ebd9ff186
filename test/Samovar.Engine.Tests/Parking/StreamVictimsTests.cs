using Samovar.Engine.Parking;
using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Parking;

/// <summary>Which idle stream is taken for a turn that has none of its own.</summary>
public sealed class StreamVictimsTests
{
    private static readonly TurnEnding Call = new(StopKind.ToolCall), Answer = new(StopKind.EndTurn);
    private readonly ManualTime _time = new();
    private readonly SegmentTree _tree = new();
    private readonly StreamTable _streams;
    private readonly TurnClock _clock;
    private int _token;

    public StreamVictimsTests() => (_streams, _clock) = (new StreamTable(3, _tree), new TurnClock(_time));

    [Theory]
    [InlineData(RetentionNames.Value, 1)]
    [InlineData(RetentionNames.Timed, 1)]
    [InlineData(RetentionNames.Recency, 0)]
    public void StreamBehindALaterAnswer_GoesBeforeOneBehindACall_ButByRecency(string policy, int victim)
    {
        Hold(0, Call, 1000);
        _time.Advance(TimeSpan.FromSeconds(2));
        Hold(1, Answer, 1000);
        Hold(2, Call, 1000);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(victim, Next(policy)?.Index);
    }

    [Fact]
    public void StreamThatIsEmpty_GoesFirst_ThenFinalOnes_ThenThoseThatNobodyStandsOn()
    {
        Hold(0, Call, 1000, users: 0);
        Hold(1, new TurnEnding(StopKind.Final), 1000, users: 0);
        Assert.Equal(2, Next(RetentionNames.Value)?.Index);
        Hold(2, Answer, 10);
        Assert.Equal(1, Next(RetentionNames.Value)?.Index);
        _streams.Slots[1].Owner = this;
        Assert.Equal(0, Next(RetentionNames.Value)?.Index);
        _streams.Slots[0].Owner = this;
        Assert.Equal(2, Next(RetentionNames.Value)?.Index);
        _streams.Slots[2].Owner = this;
        Assert.Null(Next(RetentionNames.Value));
    }

    [Fact]
    public void OfStreamsBehindCalls_TheLongestStays_AndOfEqualOnesTheLastUsed()
    {
        Hold(0, Call, 4000);
        Hold(1, Call, 100);
        Hold(2, Call, 100);
        Assert.Equal(1, Next(RetentionNames.Value)?.Index);
    }

    private StreamSlot? Next(string policy)
    {
        var chosen = RetentionPolicies.Create(policy);
        return new StreamVictims(_streams, chosen.Name == RetentionNames.Recency ? new RecencyOrder()
            : new PolicyOrder(chosen, new PrefillMeter(), _clock)).Next();
    }

    private void Hold(int index, TurnEnding ending, int tokens, int users = 1)
    {
        var leaf = _tree.Insert(_tree.Root("a"), Enumerable.Range(++_token * 10_000, tokens).ToArray());
        (leaf.Users, leaf.Pins, leaf.Note) = (users, users, new TurnNote(_clock.Now) { Ending = ending });
        var slot = _streams.Slots[index];
        _streams.Move(slot, leaf);
        (slot.Length, slot.LastUsed) = (tokens, _token);
    }
}
