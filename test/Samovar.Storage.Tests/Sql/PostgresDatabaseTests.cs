using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Stores;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Sql;

/// <summary>What a PostgreSQL goes through while turns are stored: each test has a server of its own.</summary>
public sealed class PostgresDatabaseTests : OwnPostgres
{
    [Fact]
    public async Task ServerStartedAgain_LosesNothingAcknowledged()
    {
        await using var house = await OpenAsync();
        await using var load = new StoreLoad(house, Options);
        await load.SomeAsync();
        await Server.StopAsync();
        await load.RefusedAsync();
        await Server.StartAsync();
        await load.SomeAsync();
        await load.HoldsAsync();
    }

    [Fact]
    public async Task ServerKilled_LosesNothingAcknowledged()
    {
        await using var house = await OpenAsync();
        await using var load = new StoreLoad(house, Options);
        for (var round = 0; round < 3; round++)
        {
            await load.SomeAsync();
            await Server.KillAsync();
            await Server.StartAsync();
        }
        await load.SomeAsync();
        await load.HoldsAsync();
    }

    [Fact]
    public async Task ServerThatStandsStill_HoldsNoCallBeyondItsTime()
    {
        await using var house = await OpenAsync();
        await using var load = new StoreLoad(house, Options);
        await load.SomeAsync();
        await Server.PauseAsync();
        await load.RefusedAsync();
        await Assert.ThrowsAsync<StoreAwayException>(async () => await house.Rows.RequireAsync(Soon.Token));
        await Server.ResumeAsync();
        await load.SomeAsync();
        await load.HoldsAsync();
    }

    [Fact]
    public async Task NetworkThatSwallowsEverything_HoldsNoCallBeyondItsTime()
    {
        await using var link = new SilentLink(Server.Port);
        await using var house = await OpenAsync(link.Port);
        await using var load = new StoreLoad(house, Options);
        await load.SomeAsync();
        link.Cut();
        await load.RefusedAsync();
        link.Mend();
        await load.SomeAsync();
        await load.HoldsAsync();
    }

    [Fact]
    public async Task ServerThatComesLate_IsUsedWhenItIsThere()
    {
        await Server.StopAsync();
        await using var house = await OpenAsync();
        await Assert.ThrowsAsync<StoreAwayException>(() => house.Rows.AppendAsync(New()));
        await Server.StartAsync();
        while (house.Store.Trouble is not null) await Task.Delay(20, Soon.Token);
        await house.Rows.AppendAsync(New());
    }

    [Fact]
    public async Task TablesThatTakeLongerThanACommandMay_AreBroughtUpToDate()
    {
        using var meters = new TestMeters();
        Options.ConnectionString = Server.ConnectionString("large");
        var large = new SchemaRoom("tea", "CREATE TABLE tea (name TEXT); SELECT pg_sleep(5)");
        await using var store = new SqlStore(
            new PostgresDatabase(PostgresAddress.Of(Options), Options), [large], Options, TimeProvider.System,
            new StoreMetrics(meters), NullLogger<SqlStore>.Instance);
        await store.StartAsync(Soon.Token);
        Assert.Null(store.Trouble);
    }

    [Fact]
    public async Task WrongPassword_IsSaid_AndNotShown()
    {
        var address = Server.ConnectionString("secret").Replace(PostgresServer.Password, "wrong-4712", StringComparison.Ordinal);
        await using var house = await StoreHouse.PostgresAsync(address, Options);
        var failure = await Assert.ThrowsAsync<StoreAwayException>(() => house.Rows.AppendAsync(New()));
        var said = string.Join('\n', house.Lines.Lines) + failure;
        Assert.Contains("password authentication failed", said, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-4712", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("off", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task Commits_WaitForTheDisk_WhateverTheDatabaseSays(string set, string used)
    {
        Options.ConnectionString = Server.ConnectionString("durable") + ";Options=-c synchronous_commit=" + set;
        await using var database = new PostgresDatabase(PostgresAddress.Of(Options), Options);
        await using var session = await database.OpenWriterAsync(Soon.Token);
        Assert.Equal(used, await session.ScalarAsync(new("SHOW synchronous_commit"), Soon.Token));
    }
}
