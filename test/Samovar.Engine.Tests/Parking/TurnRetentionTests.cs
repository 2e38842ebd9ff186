using Samovar.Engine.Decoding;
using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Parking;

/// <summary>What the end of a turn means for what is kept, and what its return tells the policy.</summary>
public sealed class TurnRetentionTests : IDisposable
{
    private static readonly TurnEnding Call = new(StopKind.ToolCall, "read_file"), Final = new(StopKind.Final);
    private readonly ManualTime _time = new();
    private readonly SegmentTree _tree = new();
    private readonly EngineMeters _meters = new();
    private readonly Recorded _policy = new();
    private readonly PinHome _pins = new();
    private readonly Counted _order;
    private readonly ParkedStore _store;
    private readonly TurnRetention _retention;
    private int _token;

    public TurnRetentionTests()
    {
        var clock = new TurnClock(_time);
        _order = new Counted(new PolicyOrder(_policy, new PrefillMeter(), clock));
        _store = new ParkedStore(_tree, _meters, _order, hasCheckpoints: true, bytesMax: 1 << 20, _time);
        _retention = new TurnRetention(_policy, _store, _pins, clock);
        _pins.Changed = _store.Rank;
    }

    [Fact]
    public void Return_IsToldOnce_WithTheTimeFromTheTurnsEndToWhenTheNextCame()
    {
        var pin = Turn(null, Call);
        var ended = _pins.Count;
        _time.Advance(TimeSpan.FromSeconds(7));
        var came = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(5)); // it waited for a stream
        _retention.Returned(pin, came);
        _retention.Returned(pin, came); // a fork of it
        Assert.Equal([(Call, TimeSpan.Zero, TimeSpan.FromSeconds(7))], _policy.Returns);
        Assert.Equal(1, ended);
    }

    [Fact]
    public void Return_IsNone_WhereNothingWasSaidOfTheEnd_OrThePinIsAnotherEngines()
    {
        _retention.Returned(null, _time.GetTimestamp());
        _retention.Returned(Turn(null, ending: null), _time.GetTimestamp());
        var other = new PinHome();
        var foreign = other.Pin(TokenPath.Empty, "a", Segment(null));
        foreign.Note = new TurnNote(TimeSpan.Zero) { IsAwaited = true };
        _retention.Returned(foreign, _time.GetTimestamp());
        Assert.Empty(_policy.Returns);
    }

    [Fact]
    public void Return_OfWhoWasAnsweredInTheBackground_CountsFromTheTurnsOwnEnd()
    {
        var pin = Turn(null, Call);
        _time.Advance(TimeSpan.FromSeconds(3));
        var behind = Segment(pin.Segment);
        Assert.Same(pin.Note, _retention.Ended(behind, isCancelled: false, isBackground: true));
        _time.Advance(TimeSpan.FromSeconds(4));
        _retention.Returned(pin, _time.GetTimestamp());
        Assert.Equal([(Call, TimeSpan.Zero, TimeSpan.FromSeconds(7))], _policy.Returns);
    }

    /// <summary>A conversation of a hundred turns asks for as many ranks at each of its ends as one of five.</summary>
    [Fact]
    public void End_RanksNoMore_TheLongerTheConversationIs()
    {
        var counts = new List<int>();
        HeldPath? newest = null;
        for (var turn = 0; turn < 100; turn++)
        {
            _order.Ranks = 0;
            newest = Turn(newest, Call);
            counts.Add(_order.Ranks);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.True(counts[5] > 0);
        Assert.Equal(counts[5], counts[^1]);
    }

    [Fact]
    public void FinalTurn_FreesPlacesThatItsConversationLeftBefore_ButNotTheStartOrOthersPlaces()
    {
        var start = Segment(null);
        Checkpoint(start, MarkKind.StableStart);
        HeldPath? newest = null;
        for (var turn = 0; turn < 4; turn++)
        {
            newest = Turn(newest, Call, start);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        var other = Turn(null, Call, start);
        var last = Turn(newest, Final, start);
        Assert.True(start.IsParked && other.Segment!.IsParked);
        Assert.Equal(2, _store.Candidates.Count);
        Assert.False(last.Segment is { IsParked: true });
    }

    public void Dispose() => _store.Clear();

    private HeldPath Turn(HeldPath? from, TurnEnding? ending, Segment? start = null)
    {
        var end = Segment(from?.Segment ?? start);
        Checkpoint(end, MarkKind.TurnEnd);
        var note = _retention.Ended(end, isCancelled: false, isBackground: false);
        var pin = _pins.Pin(TokenPath.Empty, "a", end, from);
        pin.Note = note;
        if (ending is not { } said) return pin;
        pin.Ended(said);
        _pins.TakeIn(_retention.Said);
        return pin;
    }

    private Segment Segment(Segment? behind) => _tree.Insert(behind ?? _tree.Root("a"), new[] { ++_token, 0 });

    private unsafe void Checkpoint(Segment segment, MarkKind kind)
    {
        byte state = 0;
        _store.Put(segment, new StateCheckpoint(&state, 1, kind));
    }

    private sealed class Recorded : IRetentionPolicy
    {
        public List<(TurnEnding, TimeSpan, TimeSpan)> Returns { get; } = [];

        public string Name => "recorded";

        public double Worth(in HeldState state, TimeSpan now) => state.LastUsed.TotalSeconds;

        public TimeSpan WorthUntil(in HeldState state, TimeSpan now) => TimeSpan.MaxValue;

        public void Ended(TurnEnding ending, TimeSpan at)
        {
        }

        public void Returned(TurnEnding ending, TimeSpan endedAt, TimeSpan at) => Returns.Add((ending, endedAt, at));
    }

    private sealed class Counted(IParkedOrder order) : IParkedOrder
    {
        public int Ranks { get; set; }

        public TimeSpan Now => order.Now;

        public int Version => order.Version;

        public void Look() => order.Look();

        public ParkedRank RankOf(in ParkedPiece piece)
        {
            Ranks++;
            return order.RankOf(piece);
        }

        public TimeSpan RankedUntil(in ParkedPiece piece) => order.RankedUntil(piece);

        public bool Leans(MarkKind kind) => order.Leans(kind);

        public void NoteUse(MarkKind kind) => order.NoteUse(kind);
    }
}
