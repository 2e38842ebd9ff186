using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>The bodies of <c>POST /v1/conversations</c>, <c>/{id}</c> and <c>/{id}/items</c>; of <c>POST /v1/chat/completions/{id}</c>,
/// too.</summary>
public static class ConversationReader
{
    /// <summary>Items that one request may bring, as the public service has it.</summary>
    private const int ItemsMax = 20;

    private static readonly FieldTable<Draft> Fields = new(
        ("items", static (ref json, draft) =>
        {
            if (!json.IsNull) draft.Items = json.Elements(ItemsMax, One);
        }),
        ("metadata", static (ref json, draft) => (draft.Metadata, draft.HasMetadata) = (MetadataReader.Read(ref json), true)));

    /// <summary>A new conversation, of which nothing has to be said.</summary>
    /// <exception cref="ApiException">A field may not be so; <c>Param</c> is its path.</exception>
    public static (RawJson Metadata, IReadOnlyList<Item> Items) New(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        if (utf8.IsEmpty) return (default, []);
        var draft = Read(utf8, limits);
        return (draft.Metadata, draft.Items ?? []);
    }

    /// <summary>Its new metadata; empty where it is to have none.</summary>
    /// <exception cref="ApiException">As above.</exception>
    public static RawJson Metadata(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        var draft = Read(utf8, limits);
        return draft.HasMetadata ? draft.Metadata : throw new ApiException(MissingParameter, "metadata", "metadata");
    }

    /// <summary>Items to add.</summary>
    /// <exception cref="ApiException">As above.</exception>
    public static IReadOnlyList<Item> Items(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        var items = Read(utf8, limits).Items ?? throw new ApiException(MissingParameter, "items", "items");
        return items.Count > 0 ? items : throw new ApiException(EmptyArray, "items", "items");
    }

    private static Draft Read(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        utf8 = JsonInput.Accept(utf8, limits);
        try
        {
            var json = new JsonCursor(utf8, limits);
            json.Read();
            var draft = new Draft();
            json.Object(Fields, draft);
            json.ReadEnd();
            return draft;
        }
        catch (JsonException broken)
        {
            throw JsonInput.Explain(broken, utf8, limits);
        }
    }

    private static Item One(ref JsonCursor json)
    {
        var item = ItemReader.Read(ref json);
        return item is not CompactionTriggerItem ? item : throw json.Fail(UnsupportedParameter, json.Path);
    }

    private sealed class Draft
    {
        public IReadOnlyList<Item>? Items { get; set; }
        public RawJson Metadata { get; set; }
        public bool HasMetadata { get; set; }
    }
}
