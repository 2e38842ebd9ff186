using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>A conversation that the server keeps: each message continues the one before, and only what is new is sent.</summary>
/// <param name="Previous">The message that is continued; null: a thread begins.</param>
internal sealed record MessagesThread(string? Previous)
{
    /// <summary>Says in the create request that it is stored, and what it continues.</summary>
    /// <exception cref="ApiException">It names again what the thread keeps.</exception>
    public void AddTo(MessagesDraft draft)
    {
        draft.Request.Set("store", RawJson.Of("true"));
        if (Previous is null) return;
        if (draft.System.ItemsCount > 0 || draft.Request.Mark is not null) throw IsKept("system");
        if (draft.Request.Has("tools")) throw IsKept("tools");
        draft.Request.Set("previous_response_id", MessageJson.ResponseId(Previous));
    }

    private static ApiException IsKept(string field) => new(MutuallyExclusive, [field, "thread.previous_message_id"], field);
}

/// <summary>Reads <c>thread</c>.</summary>
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

    private sealed class Draft
    {
        public string? Kind { get; set; }
        public string? Previous { get; set; }
    }
}
