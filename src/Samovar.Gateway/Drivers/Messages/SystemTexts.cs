using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>What leads a conversation, message by message.</summary>
internal sealed class SystemTexts
{
    private readonly List<RawJson> _blocks = [];
    private int _last; // where the last message begins

    public IReadOnlyList<RawJson> Blocks => _blocks;

    public void Add(List<RawJson> blocks)
    {
        if (blocks.Count == 0) return;
        _last = _blocks.Count;
        _blocks.AddRange(blocks);
    }

    /// <summary>Takes the last message away; empty where there is none.</summary>
    public List<RawJson> TakeLast()
    {
        var taken = _blocks[_last..];
        _blocks.RemoveRange(_last, taken.Count);
        return taken;
    }
}
