using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>Reads <c>thread</c>, and says in the create request what it means.</summary>
internal static class ThreadReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, thread) => thread.Kind = Forms.ThreadType.Read(ref json)),
        ("previous_message_id", static (ref json, thread) => thread.Previous = Forms.Id.Read(ref json)));

    public static MessagesThread? Read(ref JsonCursor json)
    {
        if (json.IsNull) return null;
        var thread = new Draft();
        json.Object(Fields, thread);
        return thread.Kind switch
        {
            "create" => new MessagesThread(Previous: null),
            "continue" => new MessagesThread(thread.Previous ?? throw json.Missing("previous_message_id")),
            _ => throw json.Missing("type"),
        };
    }

    /// <summary>That the turn is stored, and what it continues.</summary>
    /// <exception cref="ApiException">The request names again what its thread keeps.</exception>
    public static void Apply(MessagesDraft draft)
    {
        draft.Request.Set("store", RawJson.Of(draft.Thread is null ? "false" : "true"));
        if (draft.Thread?.Previous is not { } previous) return;
        if (draft.System.ItemsCount > 0 || draft.Request.Mark is not null) throw IsKept("system");
        if (draft.Request.Has("tools")) throw IsKept("tools");
        draft.Request.Set("previous_response_id", MessageJson.ResponseId(previous));
    }

    private static ApiException IsKept(string field) => new(MutuallyExclusive, [field, "thread.previous_message_id"], field);

    private sealed class Draft
    {
        public string? Kind { get; set; }
        public string? Previous { get; set; }
    }
}
