using System.Text.Json;
using Samovar.Backends;
using Samovar.Gateway.Json;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests;

/// <summary>Puts output items together from a backend's events; checks that they come in a legal order.</summary>
internal sealed class ItemFold(IdSource ids)
{
    private readonly List<Item> _items = [];
    private BackendEvent? _open;
    private string _text = "";

    public IReadOnlyList<Item> Fold(IEnumerable<BackendEvent> events)
    {
        foreach (var seen in events) Add(seen);
        Assert.Null(_open);
        return _items;
    }

    private void Add(BackendEvent seen)
    {
        switch (seen)
        {
            case BackendEvent.MessageStarted or BackendEvent.ReasoningStarted or BackendEvent.FunctionCallStarted
                or BackendEvent.CustomCallStarted or BackendEvent.CarriedStarted:
                Assert.Null(_open);
                (_open, _text) = (seen, "");
                break;
            case BackendEvent.Delta delta:
                Assert.NotNull(_open);
                _text += delta.Text;
                break;
            case BackendEvent.ItemDone done:
                Assert.NotNull(_open);
                _items.Add(CallExtra.With(Read(done.Whole.IsEmpty ? Made() : done.Whole), done.Extra.IsEmpty ? Begun() : done.Extra));
                _open = null;
                break;
            case BackendEvent.Finished { IncompleteReason: not null } when _open is not null: // a limit cut it off
                _items.Add(Read(Made()));
                _open = null;
                break;
            case BackendEvent.CarriedItem carried:
                Assert.Null(_open);
                _items.Add(Read(carried.Item));
                break;
        }
    }

    private RawJson Begun() => _open switch
    {
        BackendEvent.FunctionCallStarted call => call.Extra,
        BackendEvent.CustomCallStarted call => call.Extra,
        _ => default,
    };

    private static Item Read(RawJson json) => ItemReader.Read(json.Utf8, ProtocolLimits.Default);

    private RawJson Made() => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        switch (_open)
        {
            case BackendEvent.MessageStarted message:
                Start(writer, "message", message.Id ?? ItemId.New("msg_", ids).Value);
                writer.WriteString("role", "assistant");
                Parts(writer, "content", "output_text");
                break;
            case BackendEvent.ReasoningStarted reasoning:
                Start(writer, "reasoning", reasoning.Id ?? ItemId.New("rs_", ids).Value);
                writer.WriteStartArray("summary");
                writer.WriteEndArray();
                Parts(writer, "content", "reasoning_text");
                break;
            case BackendEvent.FunctionCallStarted call:
                Start(writer, "function_call", call.Id ?? ItemId.New("fc_", ids).Value);
                Call(writer, call.Name, call.CallId, call.Namespace);
                writer.WriteString("arguments", _text);
                break;
            case BackendEvent.CustomCallStarted call:
                Start(writer, "custom_tool_call", call.Id ?? ItemId.New("ctc_", ids).Value);
                Call(writer, call.Name, call.CallId, call.Namespace);
                writer.WriteString("input", _text);
                break;
        }
        writer.WriteEndObject();
    });

    private static void Start(Utf8JsonWriter writer, string type, string id)
    {
        writer.WriteString("id", id);
        writer.WriteString("type", type);
        writer.WriteString("status", "completed");
    }

    private void Call(Utf8JsonWriter writer, string name, string? callId, string? group)
    {
        writer.WriteString("name", name);
        writer.WriteString("call_id", callId ?? CallId.New(ids).Value);
        if (group is not null) writer.WriteString("namespace", group);
    }

    private void Parts(Utf8JsonWriter writer, string field, string type)
    {
        writer.WriteStartArray(field);
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteString("text", _text);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
