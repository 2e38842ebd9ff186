using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Turns;

namespace Samovar.Tests.Conversations;

/// <summary>How much conversations take, and what they have when a response is taken back or somebody else is quicker.</summary>
public abstract class ConversationBoundsConformance : ConversationSetting
{
    [Fact]
    public async Task ResponseThatIsTakenBack_LeavesTheConversationAsItWas()
    {
        var made = await CreateAsync();
        await TurnAsync(made.Id, "one");
        var failed = await TurnAsync(made.Id, "two");
        await Chains.TakeBackAsync(Tea, failed.Id, await Chains.ClaimAsync(Tea, failed.Parent, Soon.Token), Soon.Token);
        Assert.Equal(["one", "said one"], (await ItemsAsync(made.Id)).Select(Text));
        await TurnAsync(made.Id, "three");
        Assert.Equal(["one", "said one", "three", "said three"], (await ItemsAsync(made.Id)).Select(Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ResponseThatIsTakenBack_LeavesItemsThatWereAddedBefore(bool hasTurn)
    {
        var made = await CreateAsync(Ask.User("one"));
        if (hasTurn) await TurnAsync(made.Id, "two");
        await Conversations.AddAsync(Tea, made.Id, [Ask.User("three")], Soon.Token);
        await Conversations.AddAsync(Tea, made.Id, [Ask.User("four")], Soon.Token);
        var before = (await ItemsAsync(made.Id)).Select(Text).ToList();
        for (var time = 0; time < 2; time++)
        {
            var failed = await TurnAsync(made.Id, "five");
            await Chains.TakeBackAsync(Tea, failed.Id, await Chains.ClaimAsync(Tea, failed, Soon.Token), Soon.Token);
            Assert.Null(await Chains.FindAsync(Tea, failed.Id, Soon.Token));
            Assert.Equal(before, (await ItemsAsync(made.Id)).Select(Text));
        }
        await using (var hold = await Conversations.OpenAsync(Tea, made.Id, Soon.Token))
            Assert.Equal(hasTurn ? ["three", "four"] : ["one", "three", "four"], hold.Added.Select(Text));
        await TurnAsync(made.Id, "six");
        await TurnAsync(made.Id, "seven");
        Assert.Equal([.. before, "six", "said six", "seven", "said seven"], (await ItemsAsync(made.Id)).Select(Text));
    }

    [Fact]
    public async Task HeadThatMovesWhileItIsLookedAt_IsLookedAtOnceMore()
    {
        var made = await CreateAsync(Ask.User("one"));
        var turns = 0;
        var moving = New(new ConversationOptions(), rows: new MovingRows(Rows, async () =>
        {
            for (var turn = 0; turn < 2 && turns < 4; turn++) await TurnAsync(made.Id, $"{++turns}"); // the second removes what was read
        }));
        var (page, _) = await (await moving.ItemsAsync(Tea, made.Id, Soon.Token))!.ReadAsync(new(10, IsDescending: false), Soon.Token);
        Assert.Equal(["one", "1", "said 1", "2", "said 2"], page.Take(5).Select(item => Text(item.Item)));
        await Conversations.AddAsync(Tea, made.Id, [Ask.User("more")], Soon.Token);
        turns = 0;
        await using var seen = await moving.LookAsync(Tea, made.Id, Soon.Token);
        Assert.NotNull(seen.Parent);
    }

    [Fact]
    public async Task ItemsThatAreAdded_AreBoundAsChainsAre()
    {
        const int bytesMax = 200_000;
        var bound = New(new ConversationOptions(), new TurnOptions { ChainBytesMax = bytesMax });
        var made = await CreateAsync();
        var text = new string('x', 10_000); // which takes next to nothing where it is stored
        ApiException? refused = null;
        var added = 0;
        for (; refused is null && added < 100; added += refused is null ? 1 : 0)
        {
            try { await bound.AddAsync(Tea, made.Id, [Ask.User($"{added}{text}")], Soon.Token); }
            catch (ApiException error) { refused = error; }
        }
        Assert.Equal((Errors.ChainTooLarge.Code, "items"), (refused!.Kind.Code, refused.Param));
        Assert.InRange(added, 3, 19);
        Assert.Equal(added, (await ItemsAsync(made.Id)).Count);
        await bound.RemoveAsync(Tea, made.Id, (await ItemsAsync(made.Id))[0].Id, Soon.Token);
        await bound.AddAsync(Tea, made.Id, [Ask.User("short")], Soon.Token);
        await RefusedAsync(Errors.ChainTooLarge, bound.CreateAsync(Tea, default, [Ask.User(new('x', bytesMax))], Soon.Token));
        var deep = New(new ConversationOptions(), new TurnOptions { ChainDepthMax = 2 });
        await RefusedAsync(Errors.ChainTooLong, AddManyAsync(deep, 3, 1));
        await AddManyAsync(deep, 2, 1);
        await RefusedAsync(Errors.ChainTooLong, AddManyAsync(New(new ConversationOptions(), new TurnOptions { ChainItemsMax = 16 }), 2, 9));
    }

    private static async Task AddManyAsync(ConversationStore conversations, int times, int items)
    {
        var made = await conversations.CreateAsync(Tea, default, [], Soon.Token);
        for (var time = 0; time < times; time++)
            await conversations.AddAsync(Tea, made.Id, [.. Enumerable.Range(0, items).Select(at => Ask.User($"{at}"))], Soon.Token);
    }

    [Fact]
    public async Task BoundsOfATenant_AreItsOwn()
    {
        var few = New(new ConversationOptions { CountMax = 1, ItemsMax = 2 });
        var made = await few.CreateAsync(Tea, default, [Ask.User("one")], Soon.Token);
        var full = await RefusedAsync(Errors.ConversationsFull, few.CreateAsync(Tea, default, [], Soon.Token));
        Assert.Contains("1 conversations", full.Message, StringComparison.Ordinal);
        await few.CreateAsync(Coffee, default, [], Soon.Token);
        await RefusedAsync(Errors.ChainTooLong, few.AddAsync(Tea, made.Id, [Ask.User("two"), Ask.User("three")], Soon.Token));
        await few.AddAsync(Tea, made.Id, [Ask.User("two")], Soon.Token);
        await few.DeleteAsync(Tea, made.Id, Soon.Token);
        await few.CreateAsync(Tea, default, [], Soon.Token);
    }
}
