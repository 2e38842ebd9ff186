using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Chains;

/// <summary>What every store does with chat completions, whatever it is made of.</summary>
public abstract class CompletionConformance : IAsyncLifetime
{
    private static readonly TenantId Tea = TenantId.Local, Coffee = new("coffee");
    private readonly StoredChains _made = new();
    private IChainStore _chains = null!;
    private ICompletionRows _completions = null!;

    public async ValueTask InitializeAsync() => (_chains, _completions) = await OpenAsync();
    public abstract ValueTask DisposeAsync();
    private protected abstract ValueTask<(IChainStore, ICompletionRows)> OpenAsync();

    /// <summary>Keys and values that would mean something else to a pattern, to a statement or to JSON; and some at their bounds.</summary>
    public static TheoryData<string> NastyTexts =>
    [
        "%", "_", "\\", "'", "\"", "' OR 1=1 --", "$.a", "a\u0000b", "\u0000", "A", "\u00e5", "a\u030a", "\ud83d\ude00",
        "\ufffd", "", " ", "]", "a]b", "1:a",
        new string('k', 64), new string('\u00e9', 64),
    ];

    [Theory]
    [MemberData(nameof(NastyTexts))]
    public async Task Completion_IsFound_ByWhatItsMetadataSays_AndByNothingElse(string text)
    {
        var value = new string('v', 512 - text.Length) + text;
        var made = await MakeAsync(Tea, (text, value));
        await MakeAsync(Tea, (text.Length < 64 ? text + "x" : "x" + text[1..], value), (value[..60], text));
        await MakeAsync(Tea, (text, value[..^1] + "\u0001"));
        await MakeAsync(Coffee, (text, value));
        Assert.Equal([made], await ListAsync(Tea, [new(text, value)]));
        Assert.Empty(await ListAsync(Tea, [new(text, value + "%")]));
        Assert.Empty(await ListAsync(Tea, [new(text, "")]));
        Assert.Empty(await ListAsync(Tea, [new(text.ToUpperInvariant() + "?", value)]));
        Assert.Empty(await ListAsync(new TenantId("tea" + text.Replace('\0', '0')), [new(text, value)]));
    }

    [Fact]
    public async Task Case_Counts()
    {
        var (lower, upper) = (await MakeAsync(Tea, ("k", "v")), await MakeAsync(Tea, ("K", "V")));
        Assert.Equal([lower], await ListAsync(Tea, [new("k", "v")]));
        Assert.Equal([upper], await ListAsync(Tea, [new("K", "V")]));
        Assert.Empty(await ListAsync(Tea, [new("k", "V")]));
    }

    [Fact]
    public async Task Filters_ApplyTogether_UpToAllPairs()
    {
        (string, string)[] pairs = [.. Enumerable.Range(0, 16).Select(at => ($"key {at}", $"value {at}"))];
        var all = await MakeAsync(Tea, pairs);
        await MakeAsync(Tea, pairs[..15]);
        for (var i = 0; i < 5; i++) await MakeAsync(Tea, pairs[0]);
        CompletionLabel[] labels = [.. pairs.Select(pair => new CompletionLabel(pair.Item1, pair.Item2)), CompletionLabel.OfModel("m")];
        Assert.Equal([all], await ListAsync(Tea, labels));
        Assert.Equal(7, (await ListAsync(Tea, [labels[0], labels[0], labels[^1]])).Count);
        Assert.Empty(await ListAsync(Tea, [labels[0], CompletionLabel.OfModel("n")]));
        Assert.Empty(await ListAsync(Tea, [new("", "m")])); // the model is no key
    }

    [Fact]
    public async Task MetadataThatChanged_IsWhatFinds_AndADeletedOneIsNotFound()
    {
        var made = await MakeAsync(Tea, ("k", "v"));
        Assert.True(await _completions.SetMetadataAsync(Tea, made, """{"k":"w"}"""u8.ToArray(), Soon.Token));
        Assert.False(await _completions.SetMetadataAsync(Coffee, made, """{"k":"v"}"""u8.ToArray(), Soon.Token));
        Assert.Empty(await ListAsync(Tea, [new("k", "v")]));
        Assert.Equal([made], await ListAsync(Tea, [new("k", "w")]));
        Assert.Equal([made], await ListAsync(Tea, [CompletionLabel.OfModel("m")]));
        Assert.True(await _completions.SetMetadataAsync(Tea, made, default, Soon.Token));
        Assert.Empty(await ListAsync(Tea, [new("k", "w")]));
        Assert.Equal([made], await ListAsync(Tea, []));
        Assert.True(await _chains.DeleteAsync(Tea, made, Soon.Token));
        Assert.Empty(await ListAsync(Tea, []));
        Assert.Empty(await ListAsync(Tea, [CompletionLabel.OfModel("m")]));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Pages_KeepTheirOrder_WhileOthersAreStored(bool isFiltered, bool isDescending)
    {
        var made = new List<ResponseId>();
        for (var i = 0; i < 9; i++) made.Add(await MakeAsync(Tea, ("n", $"{i % 2}")));
        CompletionLabel[] labels = isFiltered ? [new("n", "1")] : [];
        var expected = made.Where((_, at) => !isFiltered || at % 2 == 1).ToList();
        if (isDescending) expected.Reverse();
        var read = new List<ResponseId>();
        while (read.Count < expected.Count)
        {
            var page = await _completions.ListAsync(Tea, labels, read is [.., var last] ? last : null, isDescending, 2, Soon.Token);
            Assert.NotEmpty(page);
            read.AddRange(page.Select(static row => row.Id));
            await MakeAsync(Tea, ("n", "1"));
        }
        Assert.Equal(expected, read.Take(expected.Count));
    }

    private async Task<List<ResponseId>> ListAsync(TenantId tenant, IReadOnlyList<CompletionLabel> labels) =>
        [.. (await _completions.ListAsync(tenant, labels, after: null, isDescending: false, 100, Soon.Token)).Select(static row => row.Id)];

    private async Task<ResponseId> MakeAsync(TenantId tenant, params (string Key, string Value)[] metadata)
    {
        var pairs = System.Text.Json.JsonSerializer.Serialize(metadata.DistinctBy(static pair => pair.Key).ToDictionary());
        var made = _made.Next(
            null, settings: StoredChains.Settings($$"""{"model":"m","input":"hi","metadata":{{pairs}}}"""), tenant: tenant);
        var node = new ChainNode
        {
            Tenant = tenant, Id = made.Id, Kind = RowKind.ChatCompletion, Parent = null, Input = made.Input, Response = made.Response,
            Bytes = made.Bytes,
        };
        await _chains.AddAsync(node, await _chains.ClaimAsync(tenant, null, Soon.Token), Soon.Token);
        return node.Id;
    }
}
