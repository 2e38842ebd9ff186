using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>Names this process among those that share a store: what it locks and what it runs there is that process's, whichever life
/// its node lives.</summary>
public sealed class ProcessName(IdSource ids)
{
    private readonly Lazy<string> _value = new(() => "proc_" + ids.Next());

    public string Value => _value.Value;
    public override string ToString() => Value;
}
