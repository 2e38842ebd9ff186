using System.Runtime.CompilerServices;
using Samovar.Chains;
using Samovar.Chains.Packing;
using Samovar.Compaction;
using Samovar.Context;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Compaction;

public sealed class WindowOpenerTests
{
    private readonly CompactionSeals _seals = new(new MemorySealKeys());
    private readonly WindowOpener _opener;

    public WindowOpenerTests() => _opener = new WindowOpener(_seals);

    /// <summary>As a store gives it that keeps items and nothing else: the compaction is somewhere in the chain.</summary>
    [Fact]
    public void ChainFromAStore_IsOpenedAtItsNewestCompaction_WhateverCameBehindIt()
    {
        var old = Node(null, [Ask.User("old")], [Said("long ago")]);
        var first = Node(Node(old, [Ask.User("x")], [Sealed("first notes")]), [Ask.User("between")], [Said("a")]);
        var newest = Node(first, [Ask.User("y")], [Sealed("newest notes"), Said("behind")]);
        var end = Node(Node(newest, [Ask.User("one")], [Said("b")]), [Ask.User("two")], [Said("c")]);
        var opened = _opener.Opened(TenantId.Local, end)!;
        Assert.Equal(
            ["kept", "newest notes", "recent", "behind", "one", "b", "two", "c"],
            new TurnContext(opened, []).AllItems().Select(item => Window.NotesOf(item) ?? ItemText.Of(item)));
        Assert.Equal((end.Id, end.Depth, end.Root), (opened.Id, opened.Depth, opened.Root));
        Assert.Same(opened, _opener.Opened(TenantId.Local, opened)); // there is nothing more to open
        Assert.Same(old, _opener.Opened(TenantId.Local, old));
        Assert.Null(_opener.Opened(TenantId.Local, (ChainNode?)null));
    }

    [Fact]
    public void OpenedResponse_SharesItsWarmState_WhichGoesOnce_WhenTheLastHolderLetsGo()
    {
        var state = new ScriptedState(1);
        var node = Node(null, [Ask.User("y")], [Sealed("notes"), Said("behind")], state);
        var opened = _opener.Opened(TenantId.Local, node)!;
        Assert.Same(state, opened.State);
        node.Hold();
        opened.Hold();
        node.LetGo();
        Assert.False(state.IsReleased);
        opened.LetGo();
        Assert.Equal(1, state.Releases);
        node.Hold();
        node.LetGo();
        Assert.Equal(1, state.Releases);
    }

    /// <summary>The stored response has its whole output, in which the client left out a thought.</summary>
    [Fact]
    public void WhatAClientLeftOutBehindACompaction_IsTheSameItem_WhenTheChainIsReadAgain()
    {
        var thought = Conversations.Read("""{"type":"reasoning","summary":[],"encrypted_content":"x"}""");
        var stored = Node(null, [Ask.User("y")], [Sealed("notes"), thought, Said("behind")]);
        var opened = _opener.Opened(TenantId.Local, stored)!;
        var child = new ChainNode
        {
            Tenant = TenantId.Local, Id = new ResponseId("resp_child"), Parent = opened, Input = [Ask.User("z")], Bytes = 1,
            Response = stored.Response, Unsent = new HashSet<Item>(ReferenceEqualityComparer.Instance) { thought },
        };
        var packed = new PackWriter();
        UnsentPacking.Write(packed, child);
        var reader = new PackReader(packed.Written);
        Assert.Same(thought, Assert.Single(UnsentPacking.Read(ref reader, stored)));
    }

    [Fact]
    public void OpenedChain_KeepsNothingOfWhatItsCompactionStandsFor()
    {
        var (opened, old) = Open();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(old.IsAlive);
        Assert.Equal("recent", ItemText.Of(opened.Input[^1]));

        [MethodImpl(MethodImplOptions.NoInlining)]
        (ChainNode, WeakReference) Open()
        {
            var node = Node(null, [Ask.User("large")], [Sealed("notes")]);
            return (_opener.Opened(TenantId.Local, node)!, new WeakReference(node));
        }
    }

    [Fact]
    public void SealOfAKeyThatIsNotHere_LeavesTheChainAsItIs()
    {
        var foreign = new CompactionSeals(new MemorySealKeys()).Seal(TenantId.Local, Window_("x"));
        var node = Node(null, [Ask.User("y")], [Item(foreign)]);
        Assert.Same(node, _opener.Opened(TenantId.Local, node));
        var context = new TurnContext(null, [Item(foreign), Ask.User("z")]);
        Assert.Same(context, _opener.Opened(TenantId.Local, context));
    }

    /// <summary>What the client kept, what it left out, what it says twice; and instructions of its own.</summary>
    [Fact]
    public void BroughtWindow_HasEachMessageOnce_InTheClientsOrder()
    {
        Item Developer(string text) => Conversations.Read($$"""{"type":"message","role":"developer","content":"{{text}}"}""");
        var window = new Window(
            [Developer("old rules"), Ask.User("task"), Ask.User("go on")], "notes", [Said("said"), Ask.User("go on")], Window.ByModel);
        Assert.Equal(["old rules", "task", "go on", "notes", "said", "go on"], Texts([]));
        Assert.Equal(["new rules", "task", "go on", "notes", "said", "go on"], Texts([Developer("new rules"), Ask.User("task")]));
        Assert.Equal(["old rules", "task", "go on", "notes", "said", "go on"],
            Texts([Ask.User("task"), Ask.User("go on"), Said("gone"), Ask.User("go on")]));
        Assert.Equal(["old rules", "task", "go on", "another", "notes", "said", "go on"], Texts([Ask.User("another")]));

        IEnumerable<string> Texts(Item[] before) =>
            WindowMerge.Of(before, window).Select(item => Window.NotesOf(item) ?? ItemText.Of(item));
    }

    private Item Sealed(string notes) => Item(_seals.Seal(TenantId.Local, Window_(notes)));

    private static Window Window_(string notes) => new([Ask.User("kept")], notes, [Ask.User("recent")], Window.ByModel);

    private static Item Item(string text) => Conversations.Read($$"""{"id":"cmp_1","type":"compaction","encrypted_content":"{{text}}"}""");

    private static Item Said(string text) => Conversations.Read($$"""{"type":"message","role":"assistant","content":"{{text}}"}""");

    private static int s_ids;

    private static ChainNode Node(ChainNode? parent, Item[] input, Item[] output, BackendState? state = null)
    {
        var id = new ResponseId($"resp_{Interlocked.Increment(ref s_ids)}");
        return new ChainNode
        {
            Tenant = TenantId.Local, Id = id, Parent = parent, Input = input, Bytes = 1, State = state,
            Response = new Response
            {
                Id = id, CreatedAt = default, Status = ResponseStatus.Completed, Model = "m", Request = new(), Output = output,
            },
        };
    }
}
