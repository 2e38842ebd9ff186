using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Events;

/// <summary>What was read of an error so far; the nested shape wins over the flat one.</summary>
internal sealed class EventErrorDraft
{
    /// <summary>The headers that matter to a caller.</summary>
    public static readonly FieldTable<EventErrorDraft> HeaderFields = new(
        ("retry-after", static (ref json, error) => error.RetryAfter = json.SecondsOrNull()),
        ("Retry-After", static (ref json, error) => error.RetryAfter = json.SecondsOrNull()));

    private static readonly FieldTable<EventErrorDraft> Nested = new(
        ("code", static (ref json, error) => error.Code = json.TextOrNull()),
        ("type", static (ref json, error) => error.Type = json.TextOrNull()),
        ("message", static (ref json, error) => error.Message = json.TextOrNull()),
        ("param", static (ref json, error) => error.Param = json.TextOrNull()),
        ("headers", static (ref json, error) => json.ObjectOrSkip(HeaderFields, error)));

    public bool HasNested { get; private set; }
    public string? Code { get; set; }
    public string? Type { get; set; }
    public string? Message { get; set; }
    public string? Param { get; set; }
    public string? FlatCode { get; set; }
    public string? FlatMessage { get; set; }
    public string? FlatParam { get; set; }
    public int? Status { get; set; }
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>An object, or only the message as a string.</summary>
    public static void ReadNested(ref JsonCursor json, EventErrorDraft error)
    {
        if (json.Token == JsonTokenType.String)
        {
            (error.HasNested, error.Message) = (true, json.Text);
            return;
        }
        error.HasNested |= json.Token == JsonTokenType.StartObject;
        json.ObjectOrSkip(Nested, error);
    }

    public EventError ToError() => new(Code ?? FlatCode, Type, Message ?? FlatMessage ?? "", Param ?? FlatParam, Status, RetryAfter);
}
