using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Scheduling.Budgets;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Chains;

/// <summary>The index's bounds, whom it answers, and what it holds.</summary>
public sealed class ContentIndexTests
{
    private static readonly TenantId Other = new("other");
    private readonly ManualTime _time = new();
    private int _ids;

    [Fact]
    public void Chain_IsFound_ByItsTenantAlone()
    {
        using var index = Index(new());
        var node = Node(null, "a");
        index.Add(node, keepsWarm: true);
        Assert.Equal([node], index.Find(TenantId.Local, node.Content, 16));
        Assert.Empty(index.Find(Other, node.Content, 16));
    }

    [Fact]
    public void SameContent_IsFoundNewestFirst()
    {
        using var index = Index(new());
        var (one, two) = (Node(null, "a"), Node(null, "a"));
        index.Add(one, keepsWarm: true);
        index.Add(two, keepsWarm: true);
        Assert.Equal([two, one], index.Find(TenantId.Local, one.Content, 16));
        Assert.Equal([two], index.Find(TenantId.Local, one.Content, countMax: 1));
    }

    [Fact]
    public void Parent_StaysFindable_AndItsWarmStateGoes()
    {
        using var index = Index(new());
        var parent = Node(null, "a");
        var child = Node(parent, "b");
        index.Add(parent, keepsWarm: true);
        Assert.False(IsReleased(parent));
        index.Add(child, keepsWarm: true);
        Assert.True(IsReleased(parent));
        Assert.False(IsReleased(child));
        Assert.Equal([parent], index.Find(TenantId.Local, parent.Content, 16));
        index.Dispose();
        Assert.True(IsReleased(child));
        Assert.Equal((0, 0), (index.Count, index.Bytes));
    }

    [Fact]
    public void Room_IsMadeFromTheEnds_LeastRecentlyUsedFirst()
    {
        using var index = Index(new() { EntriesMax = 3 });
        var root = Node(null, "a");
        var (left, right) = (Node(root, "left"), Node(root, "right"));
        foreach (var node in new[] { root, left, right, Node(null, "z") }) index.Add(node, keepsWarm: true);
        Assert.Empty(index.Find(TenantId.Local, left.Content, 16)); // the longest unused end, not the root that both stand on
        Assert.NotEmpty(index.Find(TenantId.Local, root.Content, 16));
        Assert.True(IsReleased(left));
        Assert.False(IsReleased(right));
        Assert.Equal(3, index.Count);
    }

    [Theory]
    [InlineData(3, 1_000_000)]
    [InlineData(100, 300)]
    public void Flood_CostsItsOwnTenant(int entriesMax, long bytesMax)
    {
        using var index = Index(new() { EntriesMax = entriesMax, BytesMax = bytesMax });
        var theirs = Node(null, "theirs", tenant: Other);
        index.Add(theirs, keepsWarm: true);
        for (var at = 0; at <= entriesMax; at++) index.Add(Node(null, $"{at}"), keepsWarm: true);
        Assert.Equal([theirs], index.Find(Other, theirs.Content, 16));
        Assert.False(IsReleased(theirs));
        Assert.Equal(3, index.Count);
        _time.Advance(new ContentIndexOptions().AgeMax * 2);
        Assert.Equal((0, 0), (index.Count, index.Bytes)); // by age all tenants' go
    }

    [Fact]
    public void Bytes_AreBounded_ByWholeChains()
    {
        using var index = Index(new() { BytesMax = 250 });
        var first = Node(null, "a");
        var second = Node(first, "b");
        index.Add(first, keepsWarm: false);
        index.Add(second, keepsWarm: false);
        Assert.Equal(200, index.Bytes);
        index.Add(Node(null, "c"), keepsWarm: false); // the end goes, and what it stood on is an end again
        Assert.Empty(index.Find(TenantId.Local, second.Content, 16));
        Assert.NotEmpty(index.Find(TenantId.Local, first.Content, 16));
        Assert.Equal(200, index.Bytes);
        var huge = Node(null, "d", bytes: 300);
        index.Add(huge, keepsWarm: true);
        Assert.Equal((0, 0), (index.Count, index.Bytes));
        Assert.True(IsReleased(huge));
    }

    [Fact]
    public void Age_LetsGo_WithoutAnybodyAsking()
    {
        var options = new ContentIndexOptions { AgeMax = TimeSpan.FromMinutes(40) };
        using var index = Index(options);
        var node = Node(null, "a");
        index.Add(node, keepsWarm: true);
        _time.Advance(TimeSpan.FromMinutes(39));
        Assert.False(IsReleased(node));
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.True(IsReleased(node));
        Assert.Equal(0, index.Count);
    }

    [Fact]
    public void AncestorThatCannotBeFound_CountsOnce_AndGoesWithTheLastThatStandsOnIt()
    {
        var share = new ByteShare("chains", 1 << 20);
        using var index = Index(new(), new KeptNodes(share));
        var root = Node(null, "a");
        var between = Node(root, "b");
        foreach (var node in new[] { root, Node(between, "left"), Node(between, "right") }) index.Add(node, keepsWarm: true);
        Assert.True(IsReleased(root));
        Assert.Empty(index.Find(TenantId.Local, between.Content, 16));
        Assert.Equal((3, 400, 400), (index.Count, index.Bytes, share.Bytes));
        index.Dispose();
        Assert.Equal((0, 0, 0), (index.Count, index.Bytes, share.Bytes));
    }

    [Fact]
    public void Off_FindsNothing_AndHoldsNothing()
    {
        using var index = Index(new() { EntriesMax = 0 });
        var node = Node(null, "a");
        index.Add(node, keepsWarm: true);
        Assert.Empty(index.Find(TenantId.Local, node.Content, 16));
        Assert.Equal(0, index.Count);
    }

    private ContentIndex Index(ContentIndexOptions options, KeptNodes? kept = null) => new(
        options, new ChainMetrics(new TestMeters()), _time, NullLogger<ContentIndex>.Instance, kept);

    private static bool IsReleased(ChainNode node) => ((ScriptedState)node.State!).IsReleased;

    private ChainNode Node(ChainNode? parent, string text, long bytes = 100, TenantId? tenant = null)
    {
        var id = new ResponseId($"resp_{_ids++}");
        return new()
        {
            Tenant = tenant ?? TenantId.Local, Id = id, Parent = parent,
            Input = [Ask.User(text)], Bytes = bytes, State = new ScriptedState(1),
            Response = new Response
            {
                Id = id, CreatedAt = DateTimeOffset.UnixEpoch, Status = ResponseStatus.Completed, Model = "m", Request = Ask.Text(text),
            },
        };
    }
}
