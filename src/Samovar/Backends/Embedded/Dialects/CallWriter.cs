using System.Globalization;
using System.Text;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Writes calls as a dialect spells them.</summary>
internal sealed class CallWriter : ICallWriter
{
    private readonly CallFormat _format;
    private readonly CallSpelling _spelling;

    private CallWriter(CallFormat format, CallSpelling spelling) => (_format, _spelling) = (format, spelling);

    /// <summary>A writer of the calls that a model is taught first; null where none of them is known letter by letter.</summary>
    public static CallWriter? Of(ModelDialect dialect) =>
        dialect is { Channels: null, Written: { Spelling: { } spelling } format }
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
        if (_format.Style is ArgumentStyle.Object or ArgumentStyle.Json || Fields(json) is not { } fields) return control.Mark(json);
        var pairs = fields.Select(field => (Key: control.Mark(field.Name), field.Value));
        return _format.Style switch
        {
            ArgumentStyle.Python =>
                $"({string.Join(", ", pairs.Select(pair => $"{pair.Key}={control.Mark(Python(pair.Value))}"))})",
            ArgumentStyle.Bare => $"{{{string.Join(',', pairs.Select(pair => $"{pair.Key}:{Bare(pair.Value, control)}"))}}}",
            _ => _spelling.Keyed!.HeadEnd + string.Concat(pairs.Select(pair => Keyed(pair.Key, pair.Value, _spelling.Keyed, control))),
        };
    }

    private string Bare(RawJson value, ControlText control) => value.AsText() is { } text
        ? _format.Quote + control.Mark(text) + _format.Quote : control.Mark(value.ToString());

    private string Keyed(string key, RawJson value, KeyedSpelling keyed, ControlText control)
    {
        var text = value.AsText();
        var said = text is not null && _format.Keyed.TextWord != KeyedMarks.JsonWord ? text : value.ToString();
        return keyed.Open + key + (text is null ? keyed.OtherBetween : keyed.TextBetween) + control.Mark(said)
            + keyed.Close.Replace(KeyedMarks.KeyPlace.ToString(), key, StringComparison.Ordinal);
    }

    private static string Python(RawJson value)
    {
        var text = new StringBuilder();
        Append(JsonTree.Of(value));
        return text.ToString();

        void Append(JsonTree one)
        {
            switch (one)
            {
                case JsonTree.Text said: text.Append(JsonEscapes.Quote(said.Value)); break;
                case JsonTree.Number number: text.Append(number.Written); break;
                case JsonTree.Bool flag: text.Append(flag.Value ? "True" : "False"); break;
                case JsonTree.List list: Row('[', list.Items, Append, ']'); break;
                case JsonTree.Map map: Row('{', map.Fields, AppendPair, '}'); break;
                default: text.Append("None"); break;
            }
        }

        void AppendPair(KeyValuePair<string, JsonTree> pair)
        {
            text.Append(JsonEscapes.Quote(pair.Key)).Append(": ");
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

    /// <summary>The arguments one by one; null where they are no object: the model wrote them so.</summary>
    private static List<(string Name, RawJson Value)>? Fields(string arguments)
    {
        if (!JsonInput.TryParse(arguments, out var whole) || !whole.IsObject) return null;
        var fields = new List<(string, RawJson)>();
        var json = new Protocol.Json.JsonCursor(whole.Utf8, ProtocolLimits.Default);
        json.Read();
        while (json.NextField())
        {
            var name = json.Text;
            json.Read();
            fields.Add((name, json.Raw()));
        }
        return fields;
    }
}
