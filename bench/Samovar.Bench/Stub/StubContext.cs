using System.Text;

namespace Samovar.Bench.Stub;

/// <summary>
/// What a prompt says, without the ids that differ between two tellings of the same thing: continued at the cost of what is new. Each
/// whole block of it has a hash that stands for everything up to its end.
/// </summary>
internal sealed class StubContext
{
    private const int BlockBytes = PrefixCache.BlockTokens * PrefixCache.BytesPerToken;
    private const ulong HashStart = 14695981039346656037, HashStep = 1099511628211; // FNV-1a
    private readonly StubContext? _parent;
    private readonly List<ulong> _blocks = [];
    private ulong _hash = HashStart;
    private long _bytes;

    public StubContext(StubContext? parent)
    {
        if (parent is null) return;
        (_parent, _hash, _bytes, Script, Replica) = (parent, parent._hash, parent._bytes, parent.Script, parent.Replica);
    }

    /// <summary>What the newest directives ask for.</summary>
    public StubScript Script { get; set; } = new();

    /// <summary>Which replica holds it; null where none does.</summary>
    public int? Replica { get; set; }

    /// <summary>Stands for everything that was said.</summary>
    public ulong Hash => _hash;

    public int Tokens => (int)(_bytes / PrefixCache.BytesPerToken);

    public void Say(string who, string what)
    {
        foreach (var octet in Encoding.UTF8.GetBytes($"{who}\u0001{what}\u0002"))
        {
            _hash = (_hash ^ octet) * HashStep;
            if (++_bytes % BlockBytes == 0) _blocks.Add(_hash);
        }
    }

    /// <summary>Hashes of all whole blocks, from the prompt's beginning.</summary>
    public IReadOnlyList<ulong> Blocks()
    {
        var parts = new Stack<List<ulong>>();
        for (var context = this; context is not null; context = context._parent) parts.Push(context._blocks);
        return [.. parts.SelectMany(part => part)];
    }
}
