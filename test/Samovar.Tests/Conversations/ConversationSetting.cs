using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Chains;
using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Turns;

namespace Samovar.Tests.Conversations;

/// <summary>A store of conversations, whatever it is made of, and what turns do with it.</summary>
public abstract class ConversationSetting : IAsyncLifetime
{
    private protected static readonly TenantId Tea = TenantId.Local, Coffee = new("coffee");
    private readonly SeededIds _ids = new();
    private protected StoredChains Made { get; } = new();
    private protected ConversationStore Conversations { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await OpenAsync();
        Conversations = New(new ConversationOptions());
    }

    public abstract ValueTask DisposeAsync();

    private protected abstract ValueTask OpenAsync();
    private protected abstract IChainStore Chains { get; }
    private protected abstract IConversationRows Rows { get; }

    private protected ConversationStore New(ConversationOptions options, TurnOptions? turns = null, IConversationRows? rows = null) => new(
        rows ?? Rows, Chains, options, (turns ?? new()).ChainBounds(), new ConversationMetrics(new TestMeters()), _ids, new ManualTime(),
        NullLogger<ConversationStore>.Instance);

    private protected Task<ConversationRow> CreateAsync(params Item[] items) =>
        Conversations.CreateAsync(Tea, RawJson.Of("""{"a":"b"}"""), items, Soon.Token);

    /// <summary>What a turn leaves that was asked one thing and said another.</summary>
    private protected async Task<ChainNode> TurnAsync(ConversationId id, string asked, RowKind kind = RowKind.Response)
    {
        await using var hold = await Conversations.OpenAsync(Tea, id, Soon.Token);
        var node = Node(hold, asked, kind);
        var claim = hold.Claim(await Chains.ClaimAsync(Tea, hold.Parent, Soon.Token));
        await Chains.AddAsync(node, claim, Soon.Token);
        await hold.MovedAsync();
        return node;
    }

    /// <summary>All of them, by small pages, oldest first; the same the other way round.</summary>
    private protected async Task<List<(Item Item, string Id)>> ItemsAsync(ConversationId id)
    {
        var oldestFirst = await PagesAsync(id, new ItemQuery(3, IsDescending: false));
        var newestFirst = await PagesAsync(id, new ItemQuery(2, IsDescending: true));
        Assert.Equal(oldestFirst.Select(static item => item.Id), newestFirst.Select(static item => item.Id).Reverse());
        return [.. oldestFirst.Select(static item => (item.Item, item.Id))];
    }

    /// <summary>As all items of the chain are named one by one from its start.</summary>
    private protected async Task<List<string>> NamedOneByOneAsync(ConversationId id)
    {
        var row = await Conversations.FindAsync(Tea, id, Soon.Token);
        var chain = new Stack<ChainNode>();
        var head = await Chains.FindHeadAsync(Tea, row.Head!.Value, Soon.Token);
        for (var node = head; node is not null; node = node.Parent) chain.Push(node);
        var (names, seen) = (new List<string>(), new HashSet<string>());
        foreach (var node in chain)
        {
            var place = 0;
            foreach (var item in node.Input.Concat(node.Output))
            {
                var name = item.Id is { } own && seen.Add(own) ? own : ItemNames.ByPlace(item, node.Id.Value, place);
                seen.Add(name);
                names.Add(name);
                place++;
            }
        }
        return names;
    }

    private async Task<List<ChainItem>> PagesAsync(ConversationId id, ItemQuery query)
    {
        var pages = await Conversations.ItemsAsync(Tea, id, Soon.Token) ?? ItemPages.Empty;
        var items = new List<ChainItem>();
        for (var hasMore = true; hasMore;)
        {
            (var page, hasMore) = await pages.ReadAsync(query with { After = items is [.., var last] ? last.Id : null }, Soon.Token);
            Assert.Equal(hasMore ? query.Limit : page.Count, page.Count);
            items.AddRange(page);
        }
        return items;
    }

    private protected ChainNode Node(ConversationHold hold, string asked, RowKind kind = RowKind.Response)
    {
        var made = Made.Next(hold.Parent, [.. hold.Added, Ask.User(asked)], [StoredChains.Said("msg_" + asked, "said " + asked)]);
        return new ChainNode
        {
            Tenant = Tea, Id = made.Id, Kind = kind, Parent = made.Parent, Input = made.Input, Response = made.Response, Bytes = made.Bytes,
        };
    }

    private protected static string Text((Item Item, string Id) entry) => Text(entry.Item);

    private protected static string Text(Item item) => ((ContentPart.Text)((MessageItem)item).Content[0]).Value;

    private protected static async Task<ApiException> RefusedAsync(ErrorKind kind, Task asking)
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => asking);
        Assert.Equal(kind.Code, error.Kind.Code);
        return error;
    }
}
