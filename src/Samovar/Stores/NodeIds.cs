using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>What its operator calls a node; the same after it was started again.</summary>
public readonly record struct NodeName(string Value)
{
    public override string ToString() => Value;
}

/// <summary>One life of a node: from its start to its end, or until it is declared dead. What owns chains is a life, never a
/// name.</summary>
public readonly record struct Incarnation(string Value)
{
    public static Incarnation New(IdSource ids) => new("node_" + ids.Next());
    public override string ToString() => Value;
}
