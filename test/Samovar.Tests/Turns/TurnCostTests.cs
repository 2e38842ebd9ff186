using System.Collections;
using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Turns;

/// <summary>A turn costs what is new: what lies behind the parent is never touched, however long it is.</summary>
public sealed class TurnCostTests
{
    private const int Depth = 5000;

    [Fact]
    public async Task Continuation_TouchesNoItemOfItsHistory()
    {
        using var house = new CoreHouse(backends: _ => [new CallingBackend()]);
        var history = new CountingList();
        var parent = await ChainAsync(house.Store, history);
        _ = (parent.Content, parent.ChainJsonBytes); // named and weighed once, as a turn does with its response when it keeps it
        var read = history.Touched; // the store indexed the items once, when they came
        for (var turn = 0; turn < 20; turn++)
        {
            var request = Ask.For(Ask.Output("call_open")) with { Store = false, PreviousResponseId = parent.Id };
            Assert.NotNull(await Soon.In(house.Begin(request).Ended));
        }
        Assert.Equal(read, history.Touched);
        Assert.Equal(Depth, parent.Depth);
    }

    [Fact]
    public async Task OnlyAWrongOutput_IsLookedForInTheHistory()
    {
        using var house = new CoreHouse(backends: _ => [new CallingBackend()]);
        var history = new CountingList();
        var parent = await ChainAsync(house.Store, history);
        var read = history.Touched;
        var request = Ask.For(Ask.Output("call_open"), Ask.Output("call_wrong")) with { PreviousResponseId = parent.Id };
        await Assert.ThrowsAnyAsync<Exception>(() => Soon.In(house.Begin(request).Began));
        Assert.True(history.Touched > read);
    }

    [Fact]
    public async Task ManyThingsOfLongAgo_AreLookedForInOneWalk()
    {
        using var house = new CoreHouse(backends: _ => [new CallingBackend()]);
        var history = new CountingList();
        var parent = await ChainAsync(house.Store, history);
        _ = parent.Content; // named once, as a turn names its response when it keeps it
        var read = history.Touched;
        Item[] outputs = [.. Enumerable.Range(0, 20).Select(_ => Ask.Output("call_old"))];
        var references = Enumerable.Range(0, 20).Select(i => Ask.Reference($"old_{i}"));
        var request = Ask.For([Ask.Output("call_open"), .. outputs, .. references]) with { PreviousResponseId = parent.Id };
        Assert.NotNull(await Soon.In(house.Begin(request).Ended));
        Assert.InRange(history.Touched - read, Depth, 5 * Depth); // twice through all, two lists each
    }

    private static async Task<ChainNode> ChainAsync(IChainStore store, CountingList history)
    {
        ChainNode? node = null;
        for (var i = 0; i < Depth; i++)
        {
            var id = new ResponseId($"resp_{i}");
            node = new ChainNode
            {
                Tenant = TenantId.Local,
                Id = id,
                Parent = node,
                Input = i == 0 ? [Ask.Call("call_old"), .. Numbered()] : history,
                OpenCalls = new HashSet<string>(StringComparer.Ordinal) { "call_open" },
                Bytes = 10,
                Response = new Response
                {
                    Id = id, CreatedAt = default, Status = ResponseStatus.Completed, Model = "m", Request = new CreateRequest(),
                        Output = history,
                },
            };
        }
        await store.AddAsync(node!, ChainClaim.New, Soon.Token);
        return node!;
    }

    private static IEnumerable<Item> Numbered() => Enumerable.Range(0, 20).Select(i => Ask.User("x") with { Id = $"old_{i}" });

    /// <summary>Counts every look at an item.</summary>
    private sealed class CountingList : IReadOnlyList<Item>
    {
        private readonly Item _item = Ask.User("old");

        public int Touched { get; private set; }
        public int Count => 1;
        public Item this[int index] => Look();

        public IEnumerator<Item> GetEnumerator()
        {
            yield return Look();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private Item Look()
        {
            Touched++;
            return _item;
        }
    }

    /// <summary>Answers with one call, and looks at nothing.</summary>
    private sealed class CallingBackend : IBackend
    {
        public IReadOnlyList<BackendModel> Models { get; } = [new BackendModel("m", "test", null)];

        public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
        {
            await Task.Yield();
            yield return new BackendEvent.Accepted("m");
            yield return new BackendEvent.FunctionCallStarted("f", "call_open");
            yield return new BackendEvent.ItemDone();
            yield return new BackendEvent.Finished(Usage.Zero);
        }
    }
}
