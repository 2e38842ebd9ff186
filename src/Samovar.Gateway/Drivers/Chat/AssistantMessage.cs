using System.Text;
using Samovar.Gateway.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Gathers what the model did in one go (thought, said, called) into one assistant message.</summary>
/// <param name="reasoningField">Where its thoughts go; null where they go nowhere.</param>
/// <param name="reasoningAlways">Whether the field is there without a thought, too.</param>
internal sealed class AssistantMessage(string? reasoningField, bool reasoningAlways)
{
    private readonly List<(string CallId, string Name, string Arguments, RawJson Extra)> _calls = [];
    private StringBuilder? _text;
    private StringBuilder? _reasoning;

    public bool HasText => _text is not null;
    public bool HasCalls => _calls.Count > 0;

    /// <summary>Whether there is what makes a message: no upstream takes a thought alone, which a turn leaves that was cut off.</summary>
    public bool IsSaid => _text is not null || _calls.Count > 0;

    public void Think(string text)
    {
        if (reasoningField is not null && text.Length > 0) (_reasoning ??= new StringBuilder()).Append(text);
    }

    public void Say(string text)
    {
        if (_text is { Length: > 0 }) _text.Append("\n\n");
        (_text ??= new StringBuilder()).Append(text);
    }

    /// <param name="extra">What its maker said beside it; empty for others.</param>
    public void Call(string callId, string name, string arguments, RawJson extra) => _calls.Add((callId, name, arguments, extra));

    /// <summary>Begins another one.</summary>
    public void Clear()
    {
        (_text, _reasoning) = (null, null);
        _calls.Clear();
    }

    /// <summary>The message; the turn is empty afterwards.</summary>
    public RawJson Take()
    {
        var message = JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, "assistant"u8);
            if (_text is not null) writer.WriteString("content"u8, _text.ToString());
            else writer.WriteNull("content"u8);
            if (_reasoning is not null || reasoningAlways) writer.WriteString(reasoningField!, _reasoning?.ToString() ?? "");
            if (_calls.Count > 0)
            {
                writer.WriteStartArray("tool_calls"u8);
                foreach (var (callId, name, arguments, extra) in _calls)
                {
                    writer.WriteStartObject();
                    writer.WriteString("id"u8, callId);
                    writer.WriteString("type"u8, "function"u8);
                    writer.WriteStartObject("function"u8);
                    writer.WriteString("name"u8, name);
                    writer.WriteString("arguments"u8, arguments);
                    writer.WriteEndObject();
                    CallExtra.Write(writer, extra);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        });
        Clear();
        return message;
    }
}
