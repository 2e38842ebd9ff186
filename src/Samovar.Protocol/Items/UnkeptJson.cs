using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>What a request said with its secrets: for the turn that it asks for, and never kept, shown or written anywhere.</summary>
public sealed class UnkeptJson(RawJson json)
{
    public RawJson Json { get; } = json;

    public override string ToString() => "(not kept)";
}
