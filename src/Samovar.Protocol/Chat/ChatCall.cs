using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Chat;

/// <summary>One entry of <c>tool_calls</c>.</summary>
/// <param name="Index">Its place among the calls of the message.</param>
/// <param name="Extra">What its maker said beside it, see <see cref="CallExtra"/>.</param>
internal sealed record ChatCall(int Index, string Id, string Name, bool IsCustom, string Payload, RawJson Extra)
{
    /// <summary>Null for an item that is not a call of a function or custom tool.</summary>
    public static ChatCall? Of(Item? item, int index) => item switch
    {
        FunctionCallItem call => new(index, call.CallId, call.Name, IsCustom: false, call.Arguments, CallExtra.Of(call)),
        CustomToolCallItem call => new(index, call.CallId, call.Name, IsCustom: true, call.Input, CallExtra.Of(call)),
        _ => null,
    };

    private string Kind => IsCustom ? "custom" : "function";
    private string PayloadField => IsCustom ? "input" : "arguments";

    /// <summary>The delta that begins the call.</summary>
    public void WriteStart(Utf8JsonWriter writer) => WriteDelta(writer, Payload, isStart: true);

    /// <summary>A delta with more of its arguments.</summary>
    public void WriteMore(Utf8JsonWriter writer, string text) => WriteDelta(writer, text, isStart: false);

    /// <summary>The delta behind the last of its arguments, for what its maker said beside it.</summary>
    public void WriteEnd(Utf8JsonWriter writer, RawJson extra) => WriteDelta(writer, "", isStart: false, extra);

    /// <summary>The call as a message has it.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteBody(writer, Payload, isStart: true);
        CallExtra.Write(writer, Extra);
        writer.WriteEndObject();
    }

    private void WriteDelta(Utf8JsonWriter writer, string payload, bool isStart, RawJson extra = default)
    {
        writer.WriteStartArray("tool_calls"u8);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, Index);
        WriteBody(writer, payload, isStart);
        CallExtra.Write(writer, extra);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private void WriteBody(Utf8JsonWriter writer, string payload, bool isStart)
    {
        if (isStart)
        {
            writer.WriteString("id"u8, Id);
            writer.WriteString("type"u8, Kind);
        }
        writer.WriteStartObject(Kind);
        if (isStart) writer.WriteString("name"u8, Name);
        writer.WriteString(PayloadField, payload);
        writer.WriteEndObject();
    }
}
