using Samovar.Protocol.Ids;
using Samovar.Quotas;
using Samovar.Storage.Nodes;
using Samovar.Storage.Quotas;
using Samovar.Storage.Sql;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Quotas;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Quotas;

/// <summary>Quotas of two nodes that share a PostgreSQL.</summary>
public sealed class QuotaRowsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private string _address = "";
    private StoreHouse _store = null!, _stores = null!;
    private PostgresNodeRows _nodes = null!, _others = null!;
    private QuotaNode _one = null!, _other = null!;

    public async ValueTask InitializeAsync()
    {
        _address = postgres.ConnectionString();
        (_store, _stores) = (await StoreHouse.PostgresAsync(_address), await StoreHouse.PostgresAsync(_address));
        _one = new QuotaNode(TimeProvider.System, "one", new SqlQuotaRows(_store.Store));
        _other = new QuotaNode(TimeProvider.System, "other", new SqlQuotaRows(_stores.Store));
        (_nodes, _others) = (await BeginAsync(_one), await BeginAsync(_other));
        _one.See(_other);
        _other.See(_one);
        foreach (var node in new[] { _one, _other }) node.Options.AnswerMax = TimeSpan.FromSeconds(30); // a busy machine is not away
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { _one, _other, _nodes, _others, _store, _stores })
            if (part is not null) await part.DisposeAsync();
    }

    /// <summary>Many at once on both: all are let in that may be, and what comes back meanwhile.</summary>
    [Fact]
    public async Task Requests_AreOneQuota_ForManyAtOnceOnBoth()
    {
        Give(new TenantQuota(200, null, null, null));
        var begun = TimeProvider.System.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => NodeOf(i).CountAsync(Tea, 50))));
        var back = 200 * TimeProvider.System.GetElapsedTime(begun).TotalMinutes;
        Assert.InRange(counts.Sum(), 200 - 2 * 10 - 16, 200 + back + 2 * 10); // a grant is 10
    }

    [Fact]
    public async Task Exchange_CountsDecaysAndGrants()
    {
        var rows = new SqlQuotaRows(_store.Store);
        var life = _one.Standing.Incarnation;
        var ask = new QuotaAsk(QuotaOwner.Of(Tea), new RateAsk(1000, 0, 50), new RateAsk(5_000_000_000, 7_000_000_000, 10), default);
        var first = await rows.ExchangeAsync(life, ask, Soon.Token);
        Assert.Equal((50, 0, 0, 50), (first.Requests, first.Tokens, first.Turns, first.RequestsUsed));
        Assert.Equal(7_000_000_000, first.TokensUsed, tolerance: 1);
        await _store.ExecuteAsync("UPDATE quota_use SET told_at = told_at - 30000");
        var second = await rows.ExchangeAsync(life, ask with { Requests = new RateAsk(1000, 970, 50), Tokens = default }, Soon.Token);
        Assert.InRange(second.Requests, 30, 50); // 970 of 1000 are used, and a little came back
        Assert.Equal(7_000_000_000, second.TokensUsed, tolerance: 1); // without a limit it does not change
        var back = await rows.ExchangeAsync(life, ask with { Requests = new RateAsk(1000, -5000, 0), Tokens = default }, Soon.Token);
        Assert.Equal((0, 0), (back.Requests, back.RequestsUsed));
    }

    [Fact]
    public async Task TurnsAtOnce_AreLentOnce_AndThoseOfADeadNodeAreFree()
    {
        Give(new TenantQuota(null, null, 10, null));
        var entered = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
        {
            try { return await NodeOf(i).EnterAsync(Tea); }
            catch (Samovar.Protocol.Errors.ApiException) { return null; }
        })));
        Assert.InRange(entered.Count(static hold => hold is not null), 8, 10); // a refused one may have come too early
        Assert.True(await _others.MoveAsync(_one.Standing.Incarnation, NodeState.Dead, "", Soon.Token));
        var rows = new SqlQuotaRows(_stores.Store);
        var grant = await rows.ExchangeAsync(_other.Standing.Incarnation,
            new QuotaAsk(QuotaOwner.Of(Tea), default, default, new TurnsAsk(10, InUse: 0, Wanted: 100)), Soon.Token);
        Assert.Equal(10, grant.Turns);
        var none = await rows.ExchangeAsync(new Incarnation("node_other_2"),
            new QuotaAsk(QuotaOwner.Of(Tea), default, default, new TurnsAsk(10, InUse: 2, Wanted: 5)), Soon.Token);
        Assert.Equal(2, none.Turns); // what it has in use it has
    }

    [Fact]
    public async Task NodeThatFindsTooLittle_IsSeenByTheOthers_UntilItHasEnough()
    {
        var (rows, owner) = (new SqlQuotaRows(_store.Store), QuotaOwner.OfDestination("a", new Uri("http://gpu:8000/v1")));
        Task<QuotaGrant> AskAsync(QuotaNode node, int inUse, int wanted, int presses = 0) => rows.ExchangeAsync(node.Standing.Incarnation,
            new QuotaAsk(owner, default, default, new TurnsAsk(4, inUse, wanted, presses)), Soon.Token).AsTask();

        Assert.False((await AskAsync(_one, 3, 4)).IsPressed);
        var refused = await AskAsync(_other, 0, 2, presses: 2);
        Assert.Equal((0, false), (refused.Turns, refused.IsPressed));
        var pressed = await AskAsync(_one, 3, 3);
        Assert.Equal((3, true), (pressed.Turns, pressed.IsPressed));
        Assert.Equal(1, (await AskAsync(_other, 0, 2, presses: 2)).Turns);
        Assert.True((await AskAsync(_one, 2, 2)).IsPressed);
        Assert.Equal(2, (await AskAsync(_other, 1, 2, presses: 2)).Turns);
        Assert.False((await AskAsync(_one, 2, 2)).IsPressed);
        Assert.Equal((4, true), ((await AskAsync(_other, 2, 3, presses: 3)).Turns + 2, (await AskAsync(_one, 2, 2)).IsPressed));
        await _store.ExecuteAsync("UPDATE quota_use SET lent = jsonb_set(lent, ARRAY[@key], '5')", ("@key", "node_other waits"));
        Assert.False((await AskAsync(_one, 2, 2)).IsPressed); // long ago
        Assert.True(await _others.MoveAsync(_other.Standing.Incarnation, NodeState.Dead, "", Soon.Token));
        Assert.Equal((4, false), ((await AskAsync(_one, 2, 9, presses: 9)).Turns, (await AskAsync(_one, 4, 4)).IsPressed));
    }

    [Fact]
    public async Task RowsOfTenantsThatAreLongGone_Go()
    {
        Give(new TenantQuota(5, null, null, null));
        await _one.TryAsync(Tea);
        var old = (long)TimeSpan.FromDays(8).TotalMilliseconds;
        await _store.ExecuteAsync("UPDATE quota_use SET told_at = told_at - @old", ("@old", old));
        _one.Table[Coffee] = new TenantQuota(5, null, null, null);
        await _one.TryAsync(Coffee);
        Assert.Equal(1, await _store.CountAsync("quota_use"));
    }

    private QuotaNode NodeOf(int i) => i % 2 == 0 ? _one : _other;

    private void Give(TenantQuota quota)
    {
        foreach (var node in new[] { _one, _other }) node.Table[Tea] = quota;
    }

    private async Task<PostgresNodeRows> BeginAsync(QuotaNode node)
    {
        var options = new StoreOptions { Kind = "postgres", ConnectionString = _address };
        var rows = new PostgresNodeRows(PostgresAddress.Of(options), options.CommandTimeMax);
        await rows.BeginAsync(new ClusterNode(new NodeName(node.Standing.Incarnation.Value), node.Standing.Incarnation,
            new Uri("http://n:1"), NodeState.Active), Soon.Token);
        return rows;
    }
}
