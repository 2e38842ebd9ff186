using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>What clients are told of an item when it begins: it is called so to its end, whatever the upstream calls it later.</summary>
/// <param name="CallId">Null for one that is no call.</param>
/// <param name="Name">A call's, as the upstream knows it.</param>
internal readonly record struct BegunItem(string Id, string? CallId = null, string? Name = null)
{
    /// <summary>An item that begins with its content, as far as that says what it is.</summary>
    public static ObjectFields Placeholder(string kind, in ObjectFields delta)
    {
        var (id, name) = (delta.Text("item_id"u8), delta.Text("name"u8));
        return new ObjectFields(JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, kind);
            if (id is not null) writer.WriteString("id"u8, id);
            if (name is not null) writer.WriteString("name"u8, name);
            writer.WriteEndObject();
        }));
    }
}
