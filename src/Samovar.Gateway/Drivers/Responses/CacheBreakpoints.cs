using System.Text.Json;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>
/// Marks where a provider that caches at breakpoints alone is to write: behind the start that other conversations share, and behind the
/// newest message. Whoever marks breakpoints itself is left alone.
/// </summary>
internal static class CacheBreakpoints
{
    private const string MarkName = "prompt_cache_breakpoint";
    private static ReadOnlySpan<byte> Mark => "prompt_cache_breakpoint"u8;

    /// <param name="sent">The items as they are sent.</param>
    public static IEnumerable<RawJson> In(UpstreamCall call, IEnumerable<RawJson> sent)
    {
        if (!IsWanted(call)) return sent;
        var items = sent.ToArray();
        if (items.Any(IsMarked)) return items;
        var start = LastLeading(items);
        var newest = Array.FindLastIndex(items, static one => IsMessage(one) && one.Text("role"u8) == "user");
        if (start >= 0) items[start] = WithMark(items[start]);
        if (newest >= 0) items[newest] = WithMark(items[newest]);
        return items;
    }

    /// <summary>Whether a part of it has the mark: its texts may speak of marks, too.</summary>
    private static bool IsMarked(RawJson item) => item.Utf8.Span.IndexOf(Mark) >= 0
        && item.Field("content"u8).Elements().Concat(item.Field("output"u8).Elements()).Any(static part => part.Field(Mark).IsSet());

    private static bool IsWanted(UpstreamCall call) => CacheRules.Of(call.Destination.Dialect, call.Model).HasBreakpoints
        && call.Destination.Options.CacheBreakpoints && !call.Turn.Request.Has("prompt_cache_options");

    /// <summary>The last message of the start that conversations share; -1 where there is none.</summary>
    private static int LastLeading(RawJson[] items)
    {
        var last = -1;
        for (var at = 0; at < items.Length; at++)
        {
            if (IsMessage(items[at]) && items[at].Text("role"u8) is "system" or "developer") last = at;
            else if (items[at].Text("type"u8) != "additional_tools") break;
        }
        return last;
    }

    private static bool IsMessage(RawJson item) => item.Text("type"u8) is "message" or null;

    /// <summary>The message with the mark on its last part; as it is where that has no place for one.</summary>
    private static RawJson WithMark(RawJson message)
    {
        var content = message.Field("content"u8);
        if (content.AsText() is { } text)
            return WithContent(message, JsonBytes.Write(writer =>
            {
                writer.WriteStartArray();
                writer.WriteStartObject();
                writer.WriteString("type"u8, "input_text"u8);
                writer.WriteString("text"u8, text);
                WriteMark(writer);
                writer.WriteEndObject();
                writer.WriteEndArray();
            }));
        if (content.IsEmpty || content.Utf8.Span[0] != '[') return message;
        var parts = content.Elements().ToList();
        if (parts.Count == 0 || parts[^1].Text("type"u8) is not ("input_text" or "input_image" or "input_file")) return message;
        return WithContent(message, JsonBytes.Write(writer =>
        {
            writer.WriteStartArray();
            for (var at = 0; at < parts.Count; at++)
            {
                if (at < parts.Count - 1)
                {
                    writer.Raw(parts[at]);
                    continue;
                }
                writer.WriteStartObject();
                parts[at].WriteFields(writer, MarkName); // it is null where it is there
                WriteMark(writer);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }));
    }

    private static void WriteMark(Utf8JsonWriter writer)
    {
        writer.WriteStartObject(Mark);
        writer.WriteString("mode"u8, "explicit"u8);
        writer.WriteEndObject();
    }

    private static RawJson WithContent(RawJson message, RawJson content) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in message.Fields())
        {
            writer.WritePropertyName(name);
            writer.Raw(name == "content" ? content : value);
        }
        writer.WriteEndObject();
    });
}
