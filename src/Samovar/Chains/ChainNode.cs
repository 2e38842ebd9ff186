using System.Collections.ObjectModel;
using Samovar.Engine;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Stores;

namespace Samovar.Chains;

/// <summary>
/// One finished response in its chain: immutable, holding its parent and only its own items. A response continued twice is a fork.
/// </summary>
/// <remarks>
/// What must be able to continue from a node holds it: a lane, a store, a running turn. Children hold their parent's items by reference,
/// not its warm state: that is released when the last holder lets go.
/// </remarks>
public sealed class ChainNode
{
    private readonly long _bytesBefore;
    private readonly int _itemsBefore;
    private readonly long _jsonBefore;
    private long _jsonBytes = -1; // not counted yet
    private readonly ChainNode? _start; // null in the start itself
    private readonly ChainNode? _jump; // far back, so that any node of a long chain is found in few steps
    private readonly ResponseId? _root; // null in the root itself; its id alone, or an opened chain would keep what it no longer has
    private readonly ChainHold _hold; // shared by nodes of one response
    private readonly bool _isInputSealed, _isOutputSealed, _isInputServed, _isOutputServed, _isServedBefore;
    private ContentHash _content;
    private bool _hasContent; // written after it: whoever sees it sees the whole hash

    public ChainNode() => _hold = new();

    private ChainNode(ChainNode same) => (_hold, _root, Depth) = (same._hold, same.Root, same.Depth);

    private ChainNode(ChainEnd end) => (_hold, _root, Depth, _itemsBefore) = (new(), end.Root, end.Depth, end.Items);

    public required TenantId Tenant { get; init; }
    public required ResponseId Id { get; init; }

    /// <summary>What it is to those who ask for it by its id.</summary>
    public RowKind Kind { get; init; }

    // Depth, bytes and root are known when the parent is set: chains may be long, and what walks them would cost the history.
    public required ChainNode? Parent
    {
        get;
        init
        {
            field = value;
            if (value is null) return;
            (Depth, _bytesBefore, _itemsBefore) = (value.Depth + 1, value.ChainBytes, value.ChainItemCount);
            _jsonBefore = value.ChainJsonBytes;
            (_root, _start, _isServedBefore) = (value.Root, value.Start, value.HasServerItems);
            SealedAt = value.HasSeal ? value : value.SealedAt;
            _jump = value._jump is { _jump: { } before } jump && value.Depth - jump.Depth == jump.Depth - before.Depth ? before : value;
        }
    }

    /// <summary>What this turn brought in, item references resolved.</summary>
    public required IReadOnlyList<Item> Input
    {
        get;
        init => (field, _isInputSealed, _isInputServed) = (value, IsSealed(value), ServerItems.AreIn(value));
    }

    /// <summary>
    /// What the client has of it: the input, but for a node whose input is what a compaction stands for. There it is the compaction, and
    /// what the client keeps before it.
    /// </summary>
    public IReadOnlyList<Item> Shown { get => field ?? Input; private init; }

    /// <summary>Whether its input is what a compaction stands for.</summary>
    internal bool IsOpened => !ReferenceEquals(Shown, Input);

    /// <summary>Whether it has a compaction that a Samovar made, so that what came before is in there.</summary>
    internal bool HasSeal => _isInputSealed || _isOutputSealed;

    /// <summary>The newest response before this one that has such a compaction.</summary>
    internal ChainNode? SealedAt { get; private init; }
    public IReadOnlyList<Item> Output => Response.Output;

    /// <summary>Whether the chain up to here has items of tools that run at the server.</summary>
    internal bool HasServerItems => _isServedBefore || _isInputServed || _isOutputServed;

    /// <summary>The terminal snapshot, as the client saw it.</summary>
    public required Response Response
    {
        get;
        init => (field, _isOutputSealed, _isOutputServed) = (value, IsSealed(value.Output), ServerItems.AreIn(value.Output));
    }

    /// <summary>Whether it may be in a store.</summary>
    public bool Store => Response.Request.Store;

    /// <summary>Whether only a conversation finds it.</summary>
    public bool IsHidden => Kind == RowKind.Items;

    /// <summary>
    /// Reasoning of the chain that the client, which sent the whole history, left out: the chain goes on with it, but it was not sent.
    /// </summary>
    public IReadOnlySet<Item> Unsent { get; init; } = ReadOnlySet<Item>.Empty;

    /// <summary>Ids of the calls that a continuation must answer; kept here so that checking it costs the delta.</summary>
    public IReadOnlySet<string> OpenCalls { get; init; } = ReadOnlySet<string>.Empty;

    /// <summary>
    /// What the backend keeps with this response so that a continuation costs its delta: rendered tokens, a pinned sequence, an upstream
    /// socket.
    /// </summary>
    public BackendState? State { get; init; }

    /// <summary>
    /// Bytes of memory that this node holds beyond its parent, for budgets: its items and settings, as text and as read, and what the
    /// backend keeps with it. Counted on the safe side.
    /// </summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes from the chain's start to here.</summary>
    public long ChainBytes => _bytesBefore + Bytes;

    /// <summary>Items from the chain's start to here.</summary>
    public int ChainItemCount => _itemsBefore + Input.Count + Output.Count;

    /// <summary>Bytes of the items' JSON from the chain's start to here: what a client without state would send again.</summary>
    public long ChainJsonBytes
    {
        get
        {
            if (Volatile.Read(ref _jsonBytes) is var known and >= 0) return known;
            var bytes = _jsonBefore + JsonBytes(Shown) + JsonBytes(Output);
            Volatile.Write(ref _jsonBytes, bytes);
            return bytes;
        }
    }

    /// <summary>Where the chain begins: at its newest compaction, where it was opened there.</summary>
    internal ChainNode Start => _start ?? this;

    /// <summary>The chain's first response, also of a chain that begins at its compaction.</summary>
    public ResponseId Root => _root ?? Id;

    /// <summary>Items of its output that its compaction stands for, and that are not here.</summary>
    internal int OutputStart { get; private init; }

    /// <summary>Nodes from the chain's start to here.</summary>
    public int Depth { get; private init; } = 1;

    /// <summary>The node of that depth, this one included; null where the chain has none here.</summary>
    internal ChainNode? Ancestor(int depth)
    {
        if (depth > Depth) return null;
        ChainNode? at = this;
        while (at is not null && at.Depth > depth) at = at._jump is { } jump && jump.Depth >= depth ? jump : at.Parent;
        return at;
    }

    /// <summary>Names what the chain says up to here. Costs this node's items, where the parent's was asked for before.</summary>
    internal ContentHash Content => HasContent ? _content : HashContent();

    private bool HasContent => Volatile.Read(ref _hasContent);

    /// <summary>Somebody may continue from here.</summary>
    internal void Hold() => _hold.Hold();

    /// <summary>The counterpart of <see cref="Hold"/>; the last one releases the warm state.</summary>
    internal void LetGo()
    {
        if (_hold.LetGo()) State?.Release();
    }

    /// <summary>The same response where a chain begins: what its compaction stands for takes the place of all that came before.</summary>
    /// <param name="window">What it stands for, and what came with it.</param>
    /// <param name="shown">What the client has of that.</param>
    /// <param name="output">What the response says behind it.</param>
    /// <param name="bytes">Bytes of memory that it holds.</param>
    internal ChainNode Opened(IReadOnlyList<Item> window, IReadOnlyList<Item> shown, IReadOnlyList<Item> output, long bytes) => new(this)
    {
        Tenant = Tenant, Id = Id, Kind = Kind, Parent = null, Input = window, Shown = shown, Response = Response with { Output = output },
        OutputStart = Output.Count - output.Count, Unsent = Unsent, OpenCalls = OpenCalls, State = State, Bytes = bytes,
    };

    /// <summary>The same response on another parent.</summary>
    internal ChainNode On(ChainNode parent) => new(this)
    {
        Tenant = Tenant, Id = Id, Kind = Kind, Parent = parent, Input = Input, Shown = Shown, Response = Response,
        Unsent = Unsent, OpenCalls = OpenCalls, State = State, Bytes = Bytes,
    };

    /// <summary>The same response with the items that a backend sees of it; warm and held as this one is.</summary>
    /// <param name="usage">What its prompt and its answer had; null where the response's is the sum of several.</param>
    internal ChainNode SeenAs(ChainNode? parent, IReadOnlyList<Item> input, IReadOnlyList<Item> output, Usage? usage) => new(this)
    {
        Tenant = Tenant, Id = Id, Kind = Kind, Parent = parent, Input = input, Shown = parent is null && IsOpened ? Shown : input,
        Response = Response with { Output = output, Usage = usage },
        Unsent = Unsent, OpenCalls = OpenCalls, State = State, Bytes = Bytes,
    };

    /// <summary>One of the response's rounds before its newest, as a backend sees it: nothing is warm there.</summary>
    internal ChainNode RoundAs(ChainNode? parent, IReadOnlyList<Item> input, IReadOnlyList<Item> output) => new()
    {
        Tenant = Tenant, Id = Id, Kind = Kind, Parent = parent, Input = input, Shown = parent is null && IsOpened ? Shown : input,
        Response = Response with { Output = output, Usage = null }, Bytes = 0,
    };

    /// <summary>A stored row whose items stay where they are: what is appended behind it needs its place and its counts alone.</summary>
    internal static ChainNode Behind(TenantId tenant, ResponseId id, ChainEnd end) => new(end)
    {
        Tenant = tenant, Id = id, Kind = end.Kind, Parent = null, Input = [], Bytes = end.Bytes,
        Response = new Response { Id = id, CreatedAt = default, Status = ResponseStatus.Completed, Model = "", Request = new() },
    };

    /// <summary>Lets go of all of them, whatever one of them throws.</summary>
    /// <exception cref="AggregateException">Some could not be released.</exception>
    internal static void LetGo(IEnumerable<ChainNode> nodes)
    {
        List<Exception>? failures = null;
        foreach (var node in nodes)
        {
            try { node.LetGo(); }
            catch (Exception exception) { (failures ??= []).Add(exception); } // the chain: the others are released all the same
        }
        if (failures is not null) throw new AggregateException(failures);
    }

    private static long JsonBytes(IReadOnlyList<Item> items)
    {
        var bytes = 0L;
        for (var i = 0; i < items.Count; i++) bytes += items[i].Json.Utf8.Length + 1; // and a comma
        return bytes;
    }

    private static bool IsSealed(IReadOnlyList<Item> items)
    {
        for (var i = 0; i < items.Count; i++)
            if (items[i] is CompactionItem { IsOfSamovar: true }) return true;
        return false;
    }

    /// <summary>From the newest node that knows its own, forwards: chains may be long, so there is no recursion.</summary>
    private ContentHash HashContent()
    {
        if (Parent is { HasContent: false }) HashAncestors();
        using var walk = new ContentWalk(Parent?._content ?? ContentHash.Start);
        return HashOwn(walk);
    }

    private void HashAncestors()
    {
        var nodes = new Stack<ChainNode>();
        var at = Parent;
        for (; at is { HasContent: false }; at = at.Parent) nodes.Push(at);
        using var walk = new ContentWalk(at?._content ?? ContentHash.Start);
        foreach (var node in nodes) node.HashOwn(walk);
    }

    private ContentHash HashOwn(ContentWalk walk)
    {
        for (var i = 0; i < Shown.Count; i++) walk.Add(Shown[i]);
        for (var i = 0; i < Output.Count; i++) walk.Add(Output[i]);
        _content = walk.At;
        Volatile.Write(ref _hasContent, true);
        return walk.At;
    }
}

/// <summary>A backend's own memory of one response. Others only carry it and release it.</summary>
public abstract class BackendState
{
    /// <summary>Whether a continuation that came now would cost its delta: of several that say the same, this one is continued.</summary>
    public virtual bool IsWarm => true;

    /// <summary>
    /// Called once, when no lane, store or turn holds the response any more: superseded, evicted or deleted. Warm state may go; a turn that
    /// found the node just before may still come with it, and then runs cold. Must be quick and must not throw.
    /// </summary>
    public abstract void Release();

    /// <summary>
    /// It was made behind other states of the same response, and is kept as what follows its parent's: called before it is kept.
    /// </summary>
    public virtual void FollowsOn(BackendState? parent) { }

    /// <summary>Called once, when its response was kept and its end was published. Must be quick and must not throw.</summary>
    /// <param name="node">The response.</param>
    public virtual void Kept(ChainNode node) { }

    /// <summary>The tokens that an engine here may have the state of; null where it is nothing of an engine.</summary>
    public virtual TokenPath? EnginePath => null;

    /// <summary>Whether the items are kept with it a second time, in the backend's form; their bytes count twice then.</summary>
    public virtual bool CopiesItems => false;

    /// <summary>
    /// Bytes of managed memory that this state holds beyond its parent's, for budgets, on the safe side; what has a budget of its own
    /// (parked rows, sockets) is not counted.
    /// </summary>
    public virtual long Bytes => 1024;
}
