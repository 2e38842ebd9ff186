using Samovar.Chains;
using Samovar.Stores;
using Samovar.Testing.Core;

namespace Samovar.Tests.Conversations;

/// <summary>Conversations in memory alone.</summary>
public sealed class MemoryConversationTests : ConversationConformance
{
    private readonly CoreHouse _house = new();

    private protected override IChainStore Chains => _house.Stored;
    private protected override IConversationRows Rows => _house.Stored.Conversations;
    private protected override ValueTask OpenAsync() => default;

    /// <summary>What a conversation keeps does not give way to others, and is let go with it.</summary>
    [Fact]
    public async Task Chain_NeverGivesWay_AsLongAsItsConversation()
    {
        _house.Chains.CountMax = 1;
        var made = await CreateAsync();
        await TurnAsync(made.Id, "one");
        _house.Time.Advance(TimeSpan.FromDays(400));
        var other = await CreateAsync();
        await TurnAsync(other.Id, "two");
        Assert.Equal(2, (await ItemsAsync(made.Id)).Count);
        var bytes = _house.Stored.Bytes;
        Assert.True(bytes > 0);
        await New(new()).DeleteAsync(Tea, made.Id, TestContext.Current.CancellationToken);
        Assert.True(_house.Stored.Bytes < bytes);
    }

    public override ValueTask DisposeAsync()
    {
        _house.Dispose();
        return default;
    }
}
