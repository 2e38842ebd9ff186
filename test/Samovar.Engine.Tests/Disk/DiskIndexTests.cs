using Samovar.Engine.Disk;
using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Disk;

/// <summary>Which file makes room for others: what is worth least, and never what another one needs.</summary>
public sealed class DiskIndexTests
{
    private const int TokenBytes = 100;
    private readonly ManualTime _time = new();
    private readonly DiskKeyRing _ring = new([new byte[32]]);

    [Theory]
    [InlineData("lru")]
    [InlineData("ttl")]
    [InlineData("value")]
    public void Fronts_StayAsLongAsWhatNeedsThem(string policy)
    {
        var random = new Random(5);
        var index = New(policy);
        var pieces = new List<DiskPiece>();
        for (var chain = 0; chain < 40; chain++)
        {
            var before = (DiskPiece?)null;
            for (var turn = 0; turn < 1 + random.Next(12); turn++)
            {
                _time.Advance(TimeSpan.FromSeconds(random.Next(200)));
                before = Add(index, chain, before, 50 + random.Next(300));
                pieces.Add(before);
            }
        }
        while (index.Bytes > 0)
        {
            var gone = index.Reserve(0, index.Bytes - 1)!;
            Assert.NotEmpty(gone);
            foreach (var piece in pieces.Where(piece => piece.IsWritten && piece.Head.Before != 0))
                Assert.NotNull(index.Named(PieceHead.NameOf(piece.Head.Before, isRows: true)));
            _time.Advance(TimeSpan.FromSeconds(random.Next(20)));
        }
    }

    [Fact]
    public void WhatWasUsedLongestAgo_GoesFirst_ByRecency()
    {
        var index = New("lru");
        var pieces = Enumerable.Range(0, 5).Select(chain =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            return Add(index, chain, null, 100);
        }).ToList();
        index.Touch([pieces[0]], _time.GetUtcNow().UtcDateTime);
        Assert.Equal([pieces[1]], index.Reserve(0, index.Bytes - 1)!);
        Assert.Equal([pieces[2], pieces[3]], index.Reserve(0, index.Bytes - pieces[2].Head.FileBytes - 1)!);
    }

    [Fact]
    public void WhatItsChainHasLeftBehind_GoesFirst_ByValue()
    {
        var index = New("value");
        var front = Add(index, 0, null, 1000);
        var left = Add(index, 0, front, 1000, "resp_1");
        index.Uses.Of("a", "resp_2", "resp_1"); // goes on elsewhere
        _time.Advance(TimeSpan.FromHours(2));
        var old = Add(index, 1, null, 1000);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal([left], index.Reserve(0, index.Bytes - 1)!);
        index.Touch([old], _time.GetUtcNow().UtcDateTime, new TurnEnding(StopKind.ToolCall)); // comes back soon
        Assert.Equal([front], index.Reserve(0, index.Bytes - 1)!);
    }

    [Fact]
    public void ManyFiles_AreChosenAmong_WithoutLookingAtAll()
    {
        const int Files = 20_000;
        var policy = new CountingPolicy();
        var index = New(policy);
        for (var chain = 0; chain < Files; chain++) Add(index, chain, null, 10);
        policy.Asked = 0;
        for (var round = 0; round < 1000; round++) Assert.Single(index.Reserve(0, index.Bytes - 1)!);
        Assert.InRange(policy.Asked, 1000, 10_000);
    }

    [Fact]
    public void WhoNeedsWhat_IsWrittenWhole_HoweverManyThereAre()
    {
        const int Files = 60_000;
        var index = New("lru");
        for (var chain = 0; chain < Files; chain++) Add(index, chain, null, 10);
        Assert.Null(index.Uses.TakeNews());
        var all = index.Uses.TakeAll();
        Assert.Equal((Files, Files), (all.OfType<JournalEntry.Owner>().Count(), all.OfType<JournalEntry.Use>().Count()));
        Assert.Empty(index.Uses.TakeNews()!);
        index.Uses.Forget("a", "resp_1_0");
        Assert.IsType<JournalEntry.Gone>(Assert.Single(index.Uses.TakeNews()!)); // only what is new
    }

    [Fact]
    public void ResponseThatIsListedAgain_IsToldAgain_UnderANumberOfItsOwn()
    {
        var index = New("lru");
        var first = Add(index, 0, null, 10, "resp_1");
        var one = index.Uses.Of("a", "resp_1");
        index.Remove(first);
        index.Uses.ListedBefore(_time.GetUtcNow().AddHours(1)); // it has no file: it is not looked after
        Add(index, 1, null, 10, "resp_2");
        index.Uses.TakeAll();
        var again = Add(index, 2, null, 10, "resp_2");
        index.Uses.Note(again, [one], again.Head.End); // of state that was in memory all the time
        var told = index.Uses.TakeNews()!;
        var owner = Assert.Single(told.OfType<JournalEntry.Owner>());
        Assert.Equal("resp_1", owner.Id);
        Assert.Contains(told.OfType<JournalEntry.Use>(), use => use.Of == owner.Number);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void File_IsFound_UntilTheOneThatReplacesItIsWritten(bool isWritten)
    {
        var index = New("lru");
        var front = Add(index, 0, null, 100);
        var shorter = Add(index, 0, front, 200, "resp_1");
        var bytes = index.Bytes;
        var (wide, wider) = (Claim(index, 0, 50, 300), Claim(index, 0, 0, 300));
        Assert.True(wide.IsGone);
        Assert.Equal((true, false, bytes), (shorter.IsWritten, shorter.IsGone, index.Bytes));
        Assert.Equal(300, index.Plan(new PromptHashes("a", Tokens(0, 300)), 0, 300, needsPoint: false)!.Depth);
        if (isWritten)
        {
            index.Add(wider);
            Assert.Equal((true, bytes - shorter.Head.FileBytes + wider.Head.FileBytes), (shorter.IsGone, index.Bytes));
            Assert.Equal("resp_1", Assert.Single(index.Uses.UsersOf(wider, 300, most: 9)).Id);
            Assert.Equal([wider], index.Uses.Forget("a", "resp_1"));
            Assert.True(index.Remove(wider));
        }
        else
        {
            Assert.False(index.Remove(wider)); // its name is the shorter one's
            Assert.Same(shorter, index.Named(shorter.Head.Name));
            Assert.Equal([shorter], index.Uses.Forget("a", "resp_1"));
            Assert.True(index.Remove(shorter));
        }
        Assert.Equal(front.Head.FileBytes, index.Bytes);
    }

    private DiskPiece Claim(DiskIndex index, int chain, int start, int end) => index.Claim(
        PieceHead.Of(index.Hashes("a", Tokens(chain, end)), start, end, null, isWhole: false, (long)(end - start) * TokenBytes),
        _time.GetUtcNow().UtcDateTime);

    private static int[] Tokens(int chain, int count) => [.. Enumerable.Range(0, count).Select(at => at * 64 + chain)];

    private DiskPiece Add(DiskIndex index, int chain, DiskPiece? before, int tokens, string? id = null)
    {
        var start = before?.Head.End ?? 0;
        var path = index.Hashes("a", Tokens(chain, start + tokens));
        var piece = index.Claim(PieceHead.Of(path, start, start + tokens, null, isWhole: false, (long)tokens * TokenBytes)
            with { Before = before?.Head.EndHash ?? 0 }, _time.GetUtcNow().UtcDateTime);
        index.Uses.Note(piece, [index.Uses.Of("a", id ?? $"resp_{chain}_{start}")], piece.Head.End);
        index.Add(piece);
        return piece;
    }

    private DiskIndex New(string policy) => New(RetentionPolicies.Create(policy));

    private DiskIndex New(IRetentionPolicy policy) =>
        new(_ring, new DiskWorth(policy, new PrefillMeter(), needsPoints: false, _time), _time);

    private sealed class CountingPolicy : IRetentionPolicy
    {
        public int Asked { get; set; }
        public string Name => "counting";

        public double Worth(in HeldState state, TimeSpan now)
        {
            Asked++;
            return state.LastUsed.TotalSeconds;
        }

        public TimeSpan WorthUntil(in HeldState state, TimeSpan now) => TimeSpan.MaxValue;
        public void Ended(TurnEnding ending, TimeSpan at) { }
        public void Returned(TurnEnding ending, TimeSpan endedAt, TimeSpan at) { }
    }
}
