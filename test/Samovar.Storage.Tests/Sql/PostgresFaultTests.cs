using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Stores;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Sql;

/// <summary>What a PostgreSQL answers that is not what was asked for, or does not answer: each test has a server of its own.</summary>
public sealed class PostgresFaultTests : OwnPostgres
{
    /// <summary>Nobody is told that it is stored; it is there once, or not at all, and can be taken back.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task CommitWithoutAnAnswer_IsNotMadeTwice_AndCanBeTakenBack(int made)
    {
        var cut = made == 0 ? CommitCut.Before : CommitCut.After;
        await using var link = new CommitLink(Server.Port);
        await using var house = await OpenAsync(link.Port);
        var parent = await house.Rows.AppendAsync(New());
        var row = New(parent) with { Claim = await house.Rows.ClaimAsync(Tea, parent.Root, Soon.Token) };
        var broken = link.CutNextAsync(cut);
        await Assert.ThrowsAsync<StoreAwayException>(async () => await house.Rows.AppendAsync(row, Soon.Token));
        await Soon.In(broken);
        while (house.Store.Trouble is not null) await Task.Delay(20, Soon.Token);
        Assert.Equal(1 + made, await house.CountAsync("chain_row"));
        if (made == 1) await Assert.ThrowsAnyAsync<Exception>(async () => await house.Rows.AppendAsync(row, Soon.Token));
        else await house.Rows.AppendAsync(row, Soon.Token);
        Assert.Equal(2, (await house.Rows.ListAsync(row.Id)).Count);
        Assert.Equal(2, await house.CountAsync("chain_row"));
        Assert.Equal(TakenBack.Removed, await house.Rows.TakeBackAsync(Tea, row.Id, row.Claim, Soon.Token));
        Assert.Empty(await house.Rows.ListAsync(row.Id));
        Assert.Equal(1, await house.Store.ReadAsync(async (session, deadline) => Convert.ToInt32(
            await session.ScalarAsync(new("SELECT responses FROM chain_tree"), deadline), CultureInfo.InvariantCulture), Soon.Token));
        await house.Rows.AppendAsync(New(parent));
    }

    [Fact]
    public async Task NetworkThatBreaksAtCommits_LosesNothingAcknowledged_AndStoresNothingTwice()
    {
        await using var link = new CommitLink(Server.Port);
        await using var house = await OpenAsync(link.Port);
        await using var load = new StoreLoad(house, Options);
        for (var round = 0; round < 10; round++)
        {
            await load.SomeAsync();
            await Soon.In(link.CutNextAsync(round % 2 == 0 ? CommitCut.Before : CommitCut.After));
        }
        await load.SomeAsync();
        await load.HoldsAsync();
    }

    [Fact]
    public async Task ServerThatAcceptsAndNeverAnswers_HoldsNoCallBeyondItsTime()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start(); // the system takes connections for it
        await using var house = await OpenAsync(((IPEndPoint)mute.LocalEndpoint).Port);
        var begun = Stopwatch.GetTimestamp();
        for (var calls = 0; calls < 100; calls++)
        {
            await Assert.ThrowsAsync<StoreAwayException>(async () => await house.Rows.RequireAsync(Soon.Token));
            await Assert.ThrowsAsync<StoreAwayException>(() => house.Rows.ListAsync(New().Id));
            await Assert.ThrowsAsync<StoreAwayException>(() => house.Rows.AppendAsync(New()));
        }
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, StoreLoad.Slack); // all of them, none waits
    }

    /// <summary>What PostgreSQL says, and what becomes of the write that it says it to.</summary>
    [Theory]
    [InlineData("53100", true)] // disk full
    [InlineData("53200", true)] // out of memory
    [InlineData("53300", true)] // too many connections
    [InlineData("57P01", true)] // shut down by its administrator
    [InlineData("57P02", true)] // another of its processes crashed
    [InlineData("57P03", true)] // it starts, or stops
    [InlineData("57014", true)] // took longer than the operator allows
    [InlineData("58030", true)] // its disk fails
    [InlineData("25006", true)] // only reads
    [InlineData("42501", true)] // may not
    [InlineData("08006", true)] // a pooler between has lost it
    [InlineData("40001", false)] // not to be put in an order
    [InlineData("40P01", false)] // deadlock
    [InlineData("55P03", false)] // waited too long for a lock
    public async Task Error_RefusesWhatItMust_AndNothingIsLostOrTwice(string state, bool isAway)
    {
        await using var house = await OpenAsync();
        var parent = await house.Rows.AppendAsync(New());
        await house.ExecuteAsync("CREATE SEQUENCE faults");
        await house.ExecuteAsync($$"""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $fail$ BEGIN
              PERFORM nextval('faults'); RAISE EXCEPTION USING ERRCODE = '{{state}}', MESSAGE = 'no'; END $fail$
            """);
        await house.ExecuteAsync("CREATE TRIGGER fail BEFORE INSERT ON chain_item FOR EACH ROW EXECUTE FUNCTION fail()");
        var bad = New(parent) with { ItemIds = ["msg_1"] };
        var others = Enumerable.Range(0, 20).Select(_ => New()).ToList();
        var refused = Assert.ThrowsAsync<StoreAwayException>(() => house.Rows.AppendAsync(bad));
        var neighbours = others.ConvertAll(row => TryAsync(house, row));
        await Soon.In(refused);
        var isStored = await Soon.In(Task.WhenAll(neighbours));
        if (!isAway) Assert.DoesNotContain(false, isStored); // it fails alone
        if (!isAway) Assert.Empty(house.Lines.Lines);
        else Assert.Contains(house.Lines.Lines, line => line.Contains("turns with store:true are refused", StringComparison.Ordinal));
        while (house.Store.Trouble is not null) await Task.Delay(20, Soon.Token);
        Assert.Empty(await house.Rows.ListAsync(bad.Id));
        foreach (var (row, stored) in others.Zip(isStored)) Assert.Equal(stored ? 1 : 0, (await house.Rows.ListAsync(row.Id)).Count);
        await house.ExecuteAsync("DROP TRIGGER fail ON chain_item");
        await house.Rows.AppendAsync(bad);
        Assert.Equal(2, (await house.Rows.ListAsync(bad.Id)).Count);
    }

    [Fact]
    public async Task TooManyConnections_AreAway_UntilSomeAreFree()
    {
        var taken = new List<NpgsqlConnection>();
        try
        {
            while (true)
            {
                var connection = new NpgsqlConnection(Server.ConnectionString("samovar") + ";Pooling=false");
                taken.Add(connection);
                await connection.OpenAsync(Soon.Token);
            }
        }
        catch (PostgresException full)
        {
            Assert.Equal("53300", full.SqlState);
        }
        await using var late = await OpenAsync();
        await Assert.ThrowsAsync<StoreAwayException>(() => late.Rows.AppendAsync(New()));
        foreach (var connection in taken) await connection.DisposeAsync();
        while (late.Store.Trouble is not null) await Task.Delay(20, Soon.Token);
        await late.Rows.AppendAsync(New());
    }

    [Fact]
    public async Task ReadThatItsCallerLeaves_CostsOthersNoConnection()
    {
        await using var house = await OpenAsync();
        using var caller = new CancellationTokenSource();
        var left = house.Store.ReadAsync(
            (session, deadline) => session.ScalarAsync(new("SELECT pg_sleep(0.9)"), deadline), caller.Token);
        var open = new List<int>();
        const string sleeping = "SELECT pid, query LIKE 'SELECT pg_sleep%' FROM pg_stat_activity WHERE application_name = 'samovar'";
        for (var isAsleep = false; !isAsleep;)
        {
            var seen = await house.Store.ReadAsync((session, deadline) => session.ReadAsync(
                new(sleeping), row => (Pid: row.GetInt32(0), IsAsleep: row.GetBoolean(1)), deadline), Soon.Token);
            (open, isAsleep) = ([.. seen.Select(static one => one.Pid)], seen.Exists(static one => one.IsAsleep));
        }
        caller.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        for (var reads = 0; reads < 20; reads++)
        {
            var pid = await house.Store.ReadAsync(async (session, deadline) =>
                (int)(await session.ScalarAsync(new("SELECT pg_backend_pid()"), deadline))!, Soon.Token);
            Assert.Contains(pid, open);
            await Task.Delay(20, Soon.Token);
        }
        Assert.Empty(house.Lines.Lines);
    }

    [Fact]
    public async Task ConnectionsThatAnOperatorEnds_CostNothing()
    {
        await using var house = await OpenAsync();
        await using var load = new StoreLoad(house, Options);
        await using var operating = new NpgsqlConnection(Server.ConnectionString("samovar") + ";Pooling=false");
        await operating.OpenAsync(Soon.Token);
        for (var round = 0; round < 10; round++)
        {
            await load.SomeAsync();
            await using var end = new NpgsqlCommand(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'samovar' AND pid <> pg_backend_pid()",
                operating);
            await end.ExecuteNonQueryAsync(Soon.Token);
        }
        await load.SomeAsync();
        await load.HoldsAsync();
    }

    private static async Task<bool> TryAsync(StoreHouse house, ChainRow row)
    {
        try
        {
            await house.Rows.AppendAsync(row);
            return true;
        }
        catch (StoreAwayException)
        {
            return false;
        }
    }
}
