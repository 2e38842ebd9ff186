using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Quotas;
using Samovar.Testing;
using Samovar.Testing.Quotas;

namespace Samovar.Tests.Quotas;

/// <summary>Quotas at a node that stands alone.</summary>
public sealed class TenantQuotasTests : IAsyncDisposable
{
    private static readonly TenantId Tea = new("tea"), Coffee = new("coffee");
    private readonly ManualTime _time = new();
    private readonly QuotaNode _node;

    public TenantQuotasTests() => _node = new QuotaNode(_time);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task TenantWithoutAQuota_CostsNothing()
    {
        _node.Table[Tea] = new TenantQuota(null, null, null, StoredBytes: 5);
        Assert.Null(await _node.EnterAsync(Coffee));
        Assert.Null(await _node.EnterAsync(Tea)); // not limited in turns
        Assert.Equal(0, _node.Uses.Count);
    }

    [Fact]
    public async Task Requests_ComeBackEvenly_AndTheWaitIsTrue()
    {
        _node.Table[Tea] = new TenantQuota(6, null, null, null);
        Assert.Equal(6, await _node.CountAsync(Tea, 9));
        var refusal = await _node.TryAsync(Tea);
        Assert.Equal(Errors.QuotaReached, refusal?.Kind);
        Assert.Equal("The quota of 6 requests per minute is used up; try again in 10 s.", refusal?.Message);
        Assert.Equal(TimeSpan.FromSeconds(10), refusal?.RetryAfter);
        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await _node.TryAsync(Tea));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await _node.CountAsync(Tea, 9));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(6, await _node.CountAsync(Tea, 9));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(600)]
    [InlineData(1_000_000_007)]
    public async Task Wait_IsTrue_WhateverTheLimit(long limit)
    {
        _node.Table[Tea] = new TenantQuota(null, limit, null, null);
        var random = new Random((int)limit);
        for (var i = 0; i < 200; i++)
        {
            (await _node.EnterAsync(Tea))!.End(new Usage((int)Math.Min(int.MaxValue, limit) / random.Next(1, 4) + 1, 0, 3, 0));
            while (await _node.TryAsync(Tea) is { } refusal)
            {
                _time.Advance(refusal.RetryAfter!.Value);
                Assert.Null(await _node.TryAsync(Tea));
            }
        }
    }

    [Fact]
    public async Task Tokens_AreTakenAtTheEnd_IntoDebt_AndCachedOnesAreFree()
    {
        _node.Table[Tea] = new TenantQuota(null, 1000, null, null);
        var first = (await _node.EnterAsync(Tea))!;
        var second = (await _node.EnterAsync(Tea))!;
        first.End(new Usage(InputTokens: 50_500, CachedTokens: 50_000, OutputTokens: 400, ReasoningTokens: 100));
        Assert.Null(await _node.TryAsync(Tea)); // 100 are left
        second.End(new Usage(1000, 0, 100, 0));
        second.End(new Usage(1_000_000, 0, 0, 0)); // was counted
        var refusal = await _node.TryAsync(Tea);
        Assert.Equal("The quota of 1000 tokens per minute is used up; try again in 61 s.", refusal?.Message); // 1001 to come back
        _time.Advance(refusal!.RetryAfter!.Value);
        Assert.Null(await _node.TryAsync(Tea));
    }

    [Fact]
    public async Task TurnsAtOnce_AreBounded_AndAPlaceIsFreeBeforeItsClientKnows()
    {
        _node.Table[Tea] = new TenantQuota(null, null, 2, null);
        var first = await _node.EnterAsync(Tea);
        var second = await _node.EnterAsync(Tea);
        var refusal = await _node.TryAsync(Tea);
        Assert.StartsWith("The quota of 2 turns at once is used up;", refusal?.Message, StringComparison.Ordinal);
        Assert.Null(await _node.TryAsync(Coffee));
        first!.LetGo();
        first.End(new Usage(1, 0, 1, 0)); // once
        var third = await _node.EnterAsync(Tea);
        Assert.NotNull(await _node.TryAsync(Tea));
        second!.LetGo();
        third!.LetGo();
        Assert.Equal(5, await _node.CountAsync(Tea, 5));
    }

    [Fact]
    public async Task LongestWait_IsTheOneThatIsTold()
    {
        _node.Table[Tea] = new TenantQuota(1, 60, 1, null);
        var turn = (await _node.EnterAsync(Tea))!;
        Assert.Contains("1 requests per minute", (await _node.TryAsync(Tea))!.Message, StringComparison.Ordinal);
        turn.End(new Usage(200, 0, 0, 0));
        var refusal = await _node.TryAsync(Tea);
        Assert.Equal(TimeSpan.FromSeconds(141), refusal?.RetryAfter);
        Assert.Contains("60 tokens per minute", refusal?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RefusalOnASocket_IsNoneThatClientsTakeForFinal()
    {
        _node.Table[Tea] = new TenantQuota(1, null, null, null);
        await _node.TryAsync(Tea);
        var refusal = await Assert.ThrowsAsync<ApiException>(async () => await _node.EnterAsync(Tea, isOnSocket: true));
        Assert.Equal(("rate_limit_exceeded", 503, true), (refusal.Kind.Code, refusal.Kind.Status, refusal.Kind.Retryable));
        Assert.Equal(TimeSpan.FromMinutes(1), refusal.RetryAfter);
    }

    [Fact]
    public async Task ChangedQuota_CountsAtOnce_WithWhatWasUsed()
    {
        _node.Table[Tea] = new TenantQuota(10, null, null, null);
        Assert.Equal(4, await _node.CountAsync(Tea, 4));
        _node.Table[Tea] = new TenantQuota(5, null, null, null);
        Assert.Equal(1, await _node.CountAsync(Tea, 9));
        _node.Table.Remove(Tea);
        Assert.Equal(9, await _node.CountAsync(Tea, 9));
    }

    [Fact]
    public async Task WhatIsLeft_IsTold()
    {
        _node.Table[Tea] = new TenantQuota(10, 1000, 3, null);
        Assert.Null(_node.Quotas.LimitsOf(Coffee));
        await _node.CountAsync(Tea, 4, tokens: 125);
        var limits = _node.Quotas.LimitsOf(Tea)!;
        Assert.Equal((10, 6, TimeSpan.FromSeconds(24)), (limits.Requests!.Limit, limits.Requests.Remaining, limits.Requests.Reset));
        Assert.Equal((1000, 500, TimeSpan.FromSeconds(30)), (limits.Tokens!.Limit, limits.Tokens.Remaining, limits.Tokens.Reset));
    }

    [Fact]
    public async Task TenantThatIsGone_IsForgotten_AndOneInDebtIsNot()
    {
        foreach (var tenant in new[] { Tea, Coffee }) _node.Table[tenant] = new TenantQuota(null, 100, 2, null);
        await _node.TryAsync(Tea, tokens: 50);
        await _node.TryAsync(Coffee, tokens: 1000);
        var turn = (await _node.EnterAsync(Tea))!;
        _time.Advance(TimeSpan.FromMinutes(3));
        _node.Uses.Tend();
        Assert.Equal(2, _node.Uses.Count);
        turn.LetGo();
        _node.Uses.Tend();
        Assert.Equal(1, _node.Uses.Count);
        Assert.NotNull(await _node.TryAsync(Coffee));
    }

    /// <summary>A full bucket and what comes into it meanwhile, whatever the pattern.</summary>
    [Fact]
    public async Task NoWindow_PassesMoreThanTheQuotaAndWhatCameBack()
    {
        const long limit = 60;
        _node.Table[Tea] = new TenantQuota(limit, null, null, null);
        var (random, passed) = (new Random(7), new List<double>());
        for (var second = 0.0; second < 600;)
        {
            for (var i = random.Next(40); i > 0; i--) if (await _node.TryAsync(Tea) is null) passed.Add(second);
            var step = random.NextDouble() * random.Next(1, 20);
            second += step;
            _time.Advance(TimeSpan.FromSeconds(step));
        }
        QuotaBound.Holds(passed, limit, more: 1);
    }
}
