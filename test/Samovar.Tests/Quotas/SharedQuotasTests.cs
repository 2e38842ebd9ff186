using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Quotas;
using Samovar.Testing;
using Samovar.Testing.Quotas;

namespace Samovar.Tests.Quotas;

/// <summary>Quotas that several nodes share.</summary>
public sealed class SharedQuotasTests : IAsyncDisposable
{
    private static readonly TenantId Tea = new("tea");
    private readonly ManualTime _time = new();
    private readonly MemoryQuotaRows _rows;
    private readonly QuotaNode _one, _other;

    public SharedQuotasTests()
    {
        _rows = new MemoryQuotaRows(_time);
        (_one, _other) = (new QuotaNode(_time, "one", _rows), new QuotaNode(_time, "other", _rows));
        _one.See(_other);
        _other.See(_one);
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task Requests_AreOneQuota_WhereverTheyCome()
    {
        Give(new TenantQuota(60, null, null, null));
        Assert.Equal(20, await _one.CountAsync(Tea, 20));
        Assert.Equal(37 + 3, await _other.CountAsync(Tea, 50) + await _one.CountAsync(Tea, 50));
        Assert.Equal(0, await _one.CountAsync(Tea, 5) + await _other.CountAsync(Tea, 5));
        _time.Advance((await _one.TryAsync(Tea))!.RetryAfter!.Value);
        Assert.Null(await _one.TryAsync(Tea));
    }

    [Fact]
    public async Task Database_IsNotAsked_WhileAGrantLasts_NorInAFlood()
    {
        Give(new TenantQuota(600, null, null, null)); // 30 at once
        Assert.Equal(30, await _one.CountAsync(Tea, 30));
        Assert.Single(_rows.Asked);
        Assert.Equal(570, await _one.CountAsync(Tea, 2000));
        Assert.Equal(21, _rows.Asked.Count); // the last one in vain
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(_one.Options.AskPause);
            Assert.Equal(1, await _one.CountAsync(Tea, 1000));
        }
        Assert.InRange(_rows.Asked.Count, 22, 31);
    }

    [Fact]
    public async Task Debt_OfTokens_IsToldAtOnce_AndCountsEverywhere()
    {
        Give(new TenantQuota(null, 1000, null, null));
        Assert.Null(await _other.TryAsync(Tea));
        await _other.SettledAsync();
        (await _one.EnterAsync(Tea))!.End(new Usage(5000, 0, 0, 0));
        await _one.SettledAsync();
        Assert.Equal(3, _rows.Asked.Count);
        Assert.Null(await _other.TryAsync(Tea, tokens: 50)); // its grant
        var refusal = await _other.TryAsync(Tea);
        Assert.InRange(refusal!.RetryAfter!.Value.TotalSeconds, 240, 250);
        _time.Advance(refusal.RetryAfter.Value);
        Assert.Null(await _other.TryAsync(Tea));
    }

    [Fact]
    public async Task WhatIsNotNeeded_IsGivenBack()
    {
        Give(new TenantQuota(600, 100_000, 8, null));
        var turn = (await _one.EnterAsync(Tea))!;
        await _one.SettledAsync();
        _time.Advance(_one.Options.IdleMax);
        _one.Uses.Tend();
        await _one.SettledAsync();
        Assert.Equal((-29, -5000), (_rows.Asked[^1].Requests.Used, _rows.Asked[^1].Tokens.Used));
        Assert.Equal((1, 1), (_rows.Asked[^1].Turns.InUse, _rows.Asked[^1].Turns.Wanted));
        turn.LetGo();
        _time.Advance(_one.Options.IdleMax);
        _one.Uses.Tend();
        await _one.SettledAsync();
        Assert.Equal((0, 0), (_rows.Asked[^1].Turns.InUse, _rows.Asked[^1].Turns.Wanted));
        var asked = _rows.Asked.Count;
        _time.Advance(TimeSpan.FromMinutes(5));
        _one.Uses.Tend();
        await _one.SettledAsync();
        Assert.Equal((asked, 0), (_rows.Asked.Count, _one.Uses.Count));
    }

    [Fact]
    public async Task TurnsAtOnce_AreLent_AndADeadNodesAreFree()
    {
        Give(new TenantQuota(null, null, 3, null));
        var held = new[] { await _one.EnterAsync(Tea), await _one.EnterAsync(Tea), await _other.EnterAsync(Tea) };
        Assert.NotNull(await _one.TryAsync(Tea));
        Assert.NotNull(await _other.TryAsync(Tea));
        _rows.Dead.Add(_one.Standing.Incarnation);
        _time.Advance(_other.Options.AskPause);
        Assert.Null(await _other.TryAsync(Tea));
        Assert.All(held, Assert.NotNull);
    }

    [Fact]
    public async Task NodeThatHasLessThanItsEvenShare_IsGivenWhatOthersEnd()
    {
        Give(new TenantQuota(null, null, 4, null));
        var held = new List<QuotaHold>();
        for (var i = 0; i < 4; i++) held.Add((await _one.EnterAsync(Tea))!);
        Assert.NotNull(await _other.TryAsync(Tea));
        _time.Advance(TimeSpan.FromSeconds(1)); // one that holds much asks as often as that
        await TendAsync();
        held[0].LetGo();
        Assert.NotNull(await _one.TryAsync(Tea)); // it is the other's
        _time.Advance(_one.Options.AskPause);
        await TendAsync();
        Assert.NotNull(await _other.EnterAsync(Tea));
        Assert.NotNull(await _other.TryAsync(Tea));
        _time.Advance(TimeSpan.FromSeconds(1));
        await TendAsync();
        held[1].LetGo();
        Assert.NotNull(await _one.TryAsync(Tea));
        _time.Advance(_one.Options.AskPause);
        await TendAsync();
        Assert.NotNull(await _other.EnterAsync(Tea));
        Assert.NotNull(await _other.TryAsync(Tea)); // both have two
    }

    [Fact]
    public async Task OnlyPlace_GoesFromNodeToNode()
    {
        Give(new TenantQuota(null, null, 1, null));
        var (node, turn) = (_one, await _one.EnterAsync(Tea));
        for (var i = 0; i < 6; i++)
        {
            var next = node == _one ? _other : _one;
            _time.Advance(_one.Options.AskPause);
            Assert.NotNull(await next.TryAsync(Tea));
            _time.Advance(TimeSpan.FromSeconds(1));
            await TendAsync();
            turn!.LetGo();
            Assert.NotNull(await node.TryAsync(Tea)); // the other one waits for it
            _time.Advance(_one.Options.AskPause);
            await TendAsync();
            (node, turn) = (next, await next.EnterAsync(Tea));
        }
    }

    [Fact]
    public async Task PlaceThatWasLeft_ServesTheNextTurn_WithoutAQuestion()
    {
        Give(new TenantQuota(null, null, 3, null));
        Assert.Equal(50, await _one.CountAsync(Tea, 50));
        Assert.Single(_rows.Asked);
    }

    [Fact]
    public async Task DatabaseThatIsAway_LeavesEachNodeItsEvenShare()
    {
        Give(new TenantQuota(60, null, null, null));
        Assert.Equal(6, await _one.CountAsync(Tea, 6));
        await _one.SettledAsync();
        _rows.IsAway = true;
        Assert.Equal(24, await _one.CountAsync(Tea, 100)); // 30 are its share
        Assert.Equal(30, await _other.CountAsync(Tea, 100));
        Assert.Contains(_one.Log.Lines, line => line.Contains("an even share among 2", StringComparison.Ordinal));
        var refusal = await _one.TryAsync(Tea);
        Assert.Equal(TimeSpan.FromSeconds(2), refusal!.RetryAfter); // half of one a second
        _time.Advance(refusal!.RetryAfter!.Value);
        Assert.Equal(1, await _one.CountAsync(Tea, 9));
        await _one.SettledAsync();
        _rows.IsAway = false;
        _time.Advance(_one.Options.AwayPause);
        _one.Uses.Tend();
        _other.Uses.Tend();
        await _one.SettledAsync();
        await _other.SettledAsync();
        Assert.InRange(await _one.CountAsync(Tea, 100), 0, 6); // all was told
        Assert.Contains(_one.Log.Lines, line => line.Contains("shared with the other nodes again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DatabaseThatDoesNotAnswer_IsWaitedForOnce()
    {
        Give(new TenantQuota(60, null, 4, null));
        var answers = new TaskCompletionSource();
        _rows.Answers = answers.Task;
        var armed = _time.WhenArmed(_one.Options.AnswerMax);
        var first = _one.TryAsync(Tea);
        var second = _one.TryAsync(Tea);
        await Soon.In(armed);
        _time.Advance(_one.Options.AnswerMax);
        Assert.Null(await Soon.In(first));
        Assert.Null(await Soon.In(second));
        Assert.Equal(28, await _one.CountAsync(Tea, 50));
        var late = _other.EnterAsync(Tea).AsTask();
        await Soon.In(_time.WhenArmed(_other.Options.AnswerMax));
        _time.Advance(_other.Options.AnswerMax);
        Assert.NotNull(await Soon.In(late));
        Assert.NotNull(await _other.EnterAsync(Tea));
        Assert.NotNull(await _other.TryAsync(Tea)); // two of four are its share
        answers.SetResult();
        await _one.SettledAsync();
        await _other.SettledAsync();
        Assert.Equal(2, _rows.Asked.Count);
    }

    /// <summary>Two nodes, a tenant whose clients go here and there, idle times, and a database that comes and goes never.</summary>
    [Theory]
    [InlineData(1, 60)]
    [InlineData(2, 600)]
    [InlineData(3, 7)]
    [InlineData(4, 200)]
    public async Task Nodes_PassTogether_NoMoreThanOne_ButForTheirGrants(int seed, long limit)
    {
        Give(new TenantQuota(limit, null, null, null));
        var (random, passed) = (new Random(seed), new List<double>());
        for (var second = 0.0; second < 300;)
        {
            var node = random.Next(2) == 0 ? _one : _other;
            for (var i = random.Next((int)limit / 2 + 2); i > 0; i--) if (await node.TryAsync(Tea) is null) passed.Add(second);
            var step = random.NextDouble() * random.Next(1, 15);
            second += step;
            _time.Advance(TimeSpan.FromSeconds(step));
            _one.Uses.Tend();
            _other.Uses.Tend();
            await _one.SettledAsync();
            await _other.SettledAsync();
        }
        QuotaBound.Holds(passed, limit, more: 2 * Math.Max(1, limit / 20) + 1);
        Assert.True(passed.Count > 3 * limit, $"{passed.Count} of {limit} a minute in five"); // and not far fewer
    }

    private async Task TendAsync()
    {
        foreach (var node in new[] { _one, _other }) node.Uses.Tend();
        await _one.SettledAsync();
        await _other.SettledAsync();
    }

    private void Give(TenantQuota quota)
    {
        foreach (var node in new[] { _one, _other }) node.Table[Tea] = quota;
    }
}
