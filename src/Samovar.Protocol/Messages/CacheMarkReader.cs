using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>Checks <c>cache_control</c>, and passes over it: marks of a client's cache wander from turn to turn.</summary>
internal static class CacheMarkReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, mark) => mark.HasType = Forms.MarkType.Read(ref json) is not null),
        ("ttl", static (ref json, mark) => Forms.MarkTtl.Check(ref json)));

    public static void Check(ref JsonCursor json)
    {
        if (json.IsNull) return;
        var mark = new Draft();
        json.Object(Fields, mark);
        if (!mark.HasType) throw json.Missing("type");
    }

    private sealed class Draft
    {
        public bool HasType { get; set; }
    }
}
