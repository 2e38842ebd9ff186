using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Chains;

public sealed class ItemPagesTests : IDisposable
{
    private const int Rows = 7, InRow = 6;
    private readonly CoreHouse _house = new();
    private readonly StoredChains _made = new();

    [Fact]
    public async Task ItemsThatNamePlacesOfItemsThatNamePlaces_CostOneLookEach()
    {
        var chain = new CountedExcerpt(await PlacesOfPlacesAsync());
        var (page, _) = await new ItemPages(chain).ReadAsync(new ItemQuery(InRow, IsDescending: true), Soon.Token);
        Assert.Equal(InRow, page.Count);
        Assert.InRange(chain.Looks, 1, 4 * Rows * InRow);
    }

    [Fact]
    public async Task ItemThatNamesAPlace_HasThatName_WhereNoOlderOneIsListedByIt()
    {
        var pages = new ItemPages(await PlacesOfPlacesAsync());
        var whole = (await pages.ReadAsync(new ItemQuery(100, IsDescending: false), Soon.Token)).Page;
        var small = new List<ChainItem>();
        for (var hasMore = true; hasMore;)
        {
            var query = new ItemQuery(2, IsDescending: true, small is [.., var last] ? last.Id : null);
            (var page, hasMore) = await pages.ReadAsync(query, Soon.Token);
            small.AddRange(page);
        }
        Assert.Equal(whole.Select(item => item.Id), small.Select(item => item.Id).Reverse());
        Assert.Equal(whole.Count, whole.Select(item => item.Id).Distinct().Count());
        Assert.Equal((Rows * (InRow + 1), "msg_1_0", "msg_2_0"), (whole.Count, whole[0].Id, whole[InRow + 1].Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_EndsBehindTheItemThatMakesItLarge_AndMoreFollows(bool isBackward)
    {
        var pages = new ItemPages(await PlacesOfPlacesAsync());
        var whole = (await pages.ReadAsync(new ItemQuery(100, IsDescending: false), Soon.Token)).Page;
        var (small, at) = (new List<ChainItem>(), isBackward ? whole[^1].Id : whole[0].Id);
        for (var hasMore = true; hasMore;)
        {
            var query = new ItemQuery(100, IsDescending: false, isBackward ? null : at, isBackward ? at : null) { BytesMax = 100 };
            (var page, hasMore) = await pages.ReadAsync(query, Soon.Token);
            Assert.InRange(page.Count, 1, 3); // of some 50 bytes each
            small.InsertRange(isBackward ? 0 : small.Count, page);
            at = (isBackward ? page[0] : page[^1]).Id;
        }
        Assert.Equal((isBackward ? whole.SkipLast(1) : whole.Skip(1)).Select(item => item.Id), small.Select(item => item.Id));
    }

    public void Dispose() => _house.Dispose();

    /// <summary>A chain whose items have the ids of the places before them, of items that have such ids as well.</summary>
    private async Task<IChainExcerpt> PlacesOfPlacesAsync()
    {
        ChainNode? head = null;
        for (var row = 1; row <= Rows; row++)
        {
            Item[] input = [.. Enumerable.Range(0, InRow).Select(place => StoredChains.Item(row == 1
                ? """{"type":"message","role":"user","content":"x"}"""
                : $$"""{"type":"message","role":"user","content":"x","id":"msg_{{row - 1}}_{{place}}"}"""))];
            head = _made.Next(head, input, [StoredChains.Said($"msg_answer{row}", "fine")]);
            await _house.Stored.AddAsync(head, ChainClaim.New, Soon.Token);
        }
        return await _house.Stored.FindExcerptAsync(TenantId.Local, head!.Id, isHead: false, Soon.Token)
            ?? throw new InvalidOperationException("It is not there.");
    }

    private sealed class CountedExcerpt(IChainExcerpt chain) : IChainExcerpt
    {
        public int Looks { get; private set; }
        public int First => chain.First;
        public int Last => chain.Last;

        public ValueTask<IReadOnlyList<ListedRow>> ReadAsync(int first, int last, CancellationToken caller)
        {
            Looks++;
            return chain.ReadAsync(first, last, caller);
        }

        public ValueTask<int?> FindRowAsync(ResponseId id, CancellationToken caller)
        {
            Looks++;
            return chain.FindRowAsync(id, caller);
        }

        public ValueTask<IReadOnlyDictionary<string, int>> FindItemsAsync(
            IReadOnlyList<string> itemIds, int before, CancellationToken caller)
        {
            Looks++;
            return chain.FindItemsAsync(itemIds, before, caller);
        }
    }
}
