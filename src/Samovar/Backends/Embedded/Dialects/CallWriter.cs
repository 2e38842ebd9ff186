using System.Globalization;
using System.Text;
using System.Text.Json;
using Samovar.Backends.Embedded.Rendering;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Writes calls as a dialect spells them.</summary>
internal sealed class CallWriter : ICallWriter
{
    private readonly CallFormat _format;
    private readonly CallSpelling _spelling;

    private CallWriter(CallFormat format, CallSpelling spelling) => (_format, _spelling) = (format, spelling);

    /// <summary>A writer of the calls that a model is taught first; null where none of them is known letter by letter.</summary>
    public static CallWriter? Of(ModelDialect dialect) =>
        dialect is { HasChannels: false, Written: { Spelling: { } spelling } format }
        && (format.Style != ArgumentStyle.Keyed || spelling.Keyed is not null) ? new CallWriter(format, spelling) : null;

    public string Write(IReadOnlyList<PromptCall> calls, ControlText control)
    {
        if (_spelling.Separator is not { } separator) return string.Join('\n', calls.Select(call => Around(Written(call, 0, control))));
        return Around(string.Join(separator, calls.Select((call, index) => Written(call, index, control))));
    }

    private string Around(string calls) => _spelling.Open + calls + _spelling.Close;

    private string Written(PromptCall call, int index, ControlText control)
    {
        return Slots(_spelling.BeforeName) + control.Mark(call.Name) + Slots(_spelling.BeforeArguments)
            + Arguments(call.Arguments, control) + Slots(_spelling.AfterArguments);

        string Slots(string literal) => literal
            .Replace(CallSpelling.NamePlace.ToString(), control.Mark(call.Name), StringComparison.Ordinal)
            .Replace(CallSpelling.NumberPlace.ToString(), index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace(CallSpelling.IdPlace.ToString(), control.Mark(ToolNames.ShortCallId(call.Id)), StringComparison.Ordinal);
    }

    /// <summary>Arguments that are no object stand there as they were written.</summary>
    private string Arguments(string json, ControlText control)
    {
        if (_format.Style is ArgumentStyle.Object or ArgumentStyle.Json || Object(json) is not { } arguments) return control.Mark(json);
        var pairs = arguments.EnumerateObject().Select(pair => (Key: control.Mark(pair.Name), pair.Value));
        return _format.Style switch
        {
            ArgumentStyle.Python =>
                $"({string.Join(", ", pairs.Select(pair => $"{pair.Key}={control.Mark(Python(pair.Value))}"))})",
            ArgumentStyle.Bare => $"{{{string.Join(',', pairs.Select(pair => $"{pair.Key}:{Bare(pair.Value, control)}"))}}}",
            _ => _spelling.Keyed!.HeadEnd + string.Concat(pairs.Select(pair => Keyed(pair.Key, pair.Value, _spelling.Keyed, control))),
        };
    }

    private string Bare(JsonElement value, ControlText control) => value.ValueKind == JsonValueKind.String
        ? _format.Quote + control.Mark(value.GetString()!) + _format.Quote : control.Mark(value.GetRawText());

    private string Keyed(string key, JsonElement value, KeyedSpelling keyed, ControlText control)
    {
        var isText = value.ValueKind == JsonValueKind.String && _format.Keyed.TextWord != KeyedMarks.JsonWord;
        return keyed.Open + key + (value.ValueKind == JsonValueKind.String ? keyed.TextBetween : keyed.OtherBetween)
            + control.Mark(isText ? value.GetString()! : value.GetRawText())
            + keyed.Close.Replace(KeyedMarks.KeyPlace.ToString(), key, StringComparison.Ordinal);
    }

    private static string Python(JsonElement value)
    {
        var text = new StringBuilder();
        Append(value);
        return text.ToString();

        void Append(JsonElement one)
        {
            switch (one.ValueKind)
            {
                case JsonValueKind.True: text.Append("True"); break;
                case JsonValueKind.False: text.Append("False"); break;
                case JsonValueKind.Null: text.Append("None"); break;
                case JsonValueKind.Array: Row('[', one.EnumerateArray(), Append, ']'); break;
                case JsonValueKind.Object: Row('{', one.EnumerateObject(), AppendPair, '}'); break;
                default: text.Append(one.GetRawText()); break;
            }
        }

        void AppendPair(JsonProperty pair)
        {
            text.Append(JsonEscapes.Quote(pair.Name)).Append(": ");
            Append(pair.Value);
        }

        void Row<T>(char open, IEnumerable<T> values, Action<T> append, char close)
        {
            text.Append(open);
            var isFirst = true;
            foreach (var one in values)
            {
                if (!isFirst) text.Append(", ");
                isFirst = false;
                append(one);
            }
            text.Append(close);
        }
    }

    private static JsonElement? Object(string json)
    {
        try
        {
            using var read = JsonDocument.Parse(json);
            return read.RootElement.ValueKind == JsonValueKind.Object ? read.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null; // the model wrote it so
        }
    }
}
