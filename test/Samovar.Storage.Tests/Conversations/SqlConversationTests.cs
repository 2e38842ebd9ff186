using Samovar.Chains;
using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Tests.Chains;
using Samovar.Tests.Conversations;

namespace Samovar.Storage.Tests.Conversations;

/// <summary>Conversations in a database: what all stores do, and that such chains have no age.</summary>
public abstract class SqlConversationTests : ConversationConformance
{
    private readonly TestMeters _meters = new();
    private IChainStore _chains = null!;
    private protected StoreHouse House { get; private set; } = null!;

    private protected override IChainStore Chains => _chains;
    private protected override IConversationRows Rows => House.Conversations;
    private protected abstract Task<StoreHouse> HouseAsync();
    private protected abstract IChainStore Over(StoreHouse house, TestMeters meters);

    private protected override async ValueTask OpenAsync()
    {
        House = await HouseAsync();
        _chains = Over(House, _meters);
    }

    [Fact]
    public async Task ChainOfAConversation_HasNoAge_UntilThatIsDeleted()
    {
        var made = await CreateAsync();
        var response = await TurnAsync(made.Id, "one");
        await House.AgeAsync(TimeSpan.FromDays(400));
        Assert.Equal(0, await House.Cleanup.CleanAsync(Soon.Token));
        Assert.Equal(2, (await ItemsAsync(made.Id)).Count);
        var again = Durables.Over(House.Rows, _meters);
        Assert.NotNull(await again.FindAsync(Tea, response.Id, Soon.Token));
        await TurnAsync(made.Id, "two");
        await House.AgeAsync(TimeSpan.FromDays(400));
        Assert.True(await Rows.DeleteAsync(Tea, made.Id, Soon.Token));
        Assert.Null(await Durables.Over(House.Rows, _meters).FindAsync(Tea, response.Id, Soon.Token));
        Assert.Equal(1, await House.Cleanup.CleanAsync(Soon.Token));
        Assert.Equal(0, await House.CountAsync("chain_row"));
    }

    [Fact]
    public async Task List_ReadsNoChainIntoMemory()
    {
        var made = await CreateAsync(Ask.User("one"));
        for (var turn = 0; turn < 20; turn++) await TurnAsync(made.Id, $"{turn}");
        var head = (await Rows.FindAsync(Tea, made.Id, Soon.Token))!.Head!.Value;
        var fresh = Durables.Over(House.Rows, _meters);
        var pages = new ItemPages((await fresh.FindExcerptAsync(Tea, head, isHead: true, Soon.Token))!);
        var (first, hasMore) = await pages.ReadAsync(new(3, IsDescending: false), Soon.Token);
        Assert.Equal((3, true), (first.Count, hasMore));
        Assert.Equal("msg_19", (await pages.ReadAsync(new(1, IsDescending: true), Soon.Token)).Page[0].Id);
        Assert.Equal(2, (await pages.FindAsync(first[2].Id, Soon.Token))!.Place);
        Assert.Null(await fresh.FindExcerptAsync(Coffee, head, isHead: true, Soon.Token));
        Assert.Equal(0, fresh.Bytes);
    }

    [Fact]
    public async Task ItemsAreAdded_WithoutReadingThoseBeforeThem()
    {
        var made = await CreateAsync();
        await TurnAsync(made.Id, "one");
        var read = 0L;
        using (_meters.Sum("samovar.chains.read", rows => Interlocked.Add(ref read, rows)))
            for (var turn = 0; turn < 20; turn++) await Conversations.AddAsync(Tea, made.Id, [Ask.User($"{turn}")], Soon.Token);
        Assert.Equal(0, read);
        Assert.Equal(["one", "said one", .. Enumerable.Range(0, 20).Select(turn => $"{turn}")], (await ItemsAsync(made.Id)).Select(Text));
        var few = New(new ConversationOptions { ItemsMax = 23 });
        await RefusedAsync(Errors.ChainTooLong, few.AddAsync(Tea, made.Id, [Ask.User("x"), Ask.User("y")], Soon.Token));
        await TurnAsync(made.Id, "two");
        Assert.Equal(24, (await ItemsAsync(made.Id)).Count);
    }

    /// <summary>Rows that an earlier version stored do not say how much stands before them.</summary>
    [Fact]
    public async Task ItemsAreAdded_BehindRowsThatSayNothingOfTheirChain()
    {
        var made = await CreateAsync(Ask.User("one"), Ask.User("two"));
        await House.ExecuteAsync("UPDATE chain_row SET chain_items = 0, chain_bytes = 0");
        var few = New(new ConversationOptions { ItemsMax = 3 });
        await RefusedAsync(Errors.ChainTooLong, few.AddAsync(Tea, made.Id, [Ask.User("x"), Ask.User("y")], Soon.Token));
        await few.AddAsync(Tea, made.Id, [Ask.User("three")], Soon.Token);
        Assert.Equal(["one", "two", "three"], (await ItemsAsync(made.Id)).Select(Text));
    }

    [Fact]
    public async Task ChainLargerThanOneMayBecome_IsNotReadToItsEnd()
    {
        var made = await CreateAsync(Ask.User("one"));
        for (var turn = 0; turn < 20; turn++)
            await Conversations.AddAsync(Tea, made.Id, [Ask.User(new string('x', 10_000))], Soon.Token);
        var head = (await Rows.FindAsync(Tea, made.Id, Soon.Token))!.Head!.Value;
        var small = new ChainOptions { BytesMax = 65_536 };
        var store = Durables.Over(House.Rows, _meters, small, bounds: new ChainBounds(100_000, DepthMax: 100, ItemsMax: 100));
        await RefusedAsync(Errors.ChainTooLarge, store.FindHeadAsync(Tea, head, Soon.Token).AsTask());
        store = Durables.Over(House.Rows, _meters, small, bounds: new ChainBounds(1_000_000, DepthMax: 100, ItemsMax: 100));
        Assert.Equal(21, (await store.FindHeadAsync(Tea, head, Soon.Token))!.Depth);
    }

    [Fact]
    public async Task WhatOnlyAConversationHad_GoesWithIt()
    {
        var made = await CreateAsync(Ask.User("one"));
        await TurnAsync(made.Id, "two", RowKind.Items);
        Assert.Equal(1, await House.CountAsync("chain_row")); // the items went into the turn that brought them along
        Assert.True(await Rows.DeleteAsync(Tea, made.Id, Soon.Token));
        Assert.Equal(0, await House.CountAsync("chain_row"));
        Assert.Equal(0, await House.CountAsync("chain_tree"));
    }

    /// <summary>A response that may have to be taken back keeps what it brought along, and no longer.</summary>
    [Fact]
    public async Task ItemsThatATurnBroughtAlong_GoWithTheNextMove()
    {
        var made = await CreateAsync(Ask.User("one"));
        await Conversations.AddAsync(Tea, made.Id, [Ask.User("two")], Soon.Token);
        await TurnAsync(made.Id, "three");
        Assert.Equal((3, 2), (await House.CountAsync("chain_row"), await House.CountAsync("chain_tree")));
        await House.AgeAsync(TimeSpan.FromDays(400));
        Assert.Equal(0, await House.Cleanup.CleanAsync(Soon.Token));
        await TurnAsync(made.Id, "four");
        Assert.Equal((2, 1), (await House.CountAsync("chain_row"), await House.CountAsync("chain_tree")));
        await Conversations.AddAsync(Tea, made.Id, [Ask.User("five")], Soon.Token);
        await TurnAsync(made.Id, "six");
        Assert.Equal(4, await House.CountAsync("chain_row"));
        Assert.True(await Rows.DeleteAsync(Tea, made.Id, Soon.Token));
        Assert.Equal((3, 1), (await House.CountAsync("chain_row"), await House.CountAsync("chain_tree")));
    }

    public override async ValueTask DisposeAsync()
    {
        if (House is not null)
        {
            Assert.Equal(0, await House.MiscountedAsync()); // whatever the test moved, added and removed
            await House.DisposeAsync();
        }
        _meters.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class SqliteConversationTests : SqlConversationTests
{
    private readonly TestFolder _folder = new();

    private protected override Task<StoreHouse> HouseAsync() => StoreHouse.SqliteAsync(_folder.Path);
    private protected override IChainStore Over(StoreHouse house, TestMeters meters) => Durables.Over(house.Rows, meters);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>The same, read again for every question.</summary>
public sealed class ColdSqliteConversationTests : SqlConversationTests
{
    private readonly TestFolder _folder = new();

    private protected override Task<StoreHouse> HouseAsync() => StoreHouse.SqliteAsync(_folder.Path);

    private protected override IChainStore Over(StoreHouse house, TestMeters meters) =>
        new RestartingStore(() => Durables.Over(house.Rows, meters));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class PostgresConversationTests(PostgresFixture postgres) : SqlConversationTests
{
    private protected override Task<StoreHouse> HouseAsync() => StoreHouse.PostgresAsync(postgres.ConnectionString());
    private protected override IChainStore Over(StoreHouse house, TestMeters meters) => Durables.Over(house.Rows, meters);
}
