using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Models of many families: a small template with the construct of each, and what such models write.</summary>
internal static class DialectFixtures
{
    public static readonly JsonElement All = Read("families.json");
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonElement Turns = Read("turns.json");
    public static readonly JsonElement Written = Read("written.json");

    public static readonly object[] Tools =
    [
        new
        {
            type = "function", name = "get_weather", description = "Weather.",
            parameters = new
            {
                type = "object", properties = new { city = new { type = "string" }, days = new { type = "integer" } },
                required = new[] { "city" },
            },
        },
        new
        {
            type = "function", name = "lookup", description = "Looks a text up.",
            parameters = new { type = "object", properties = new { q = new { type = "string" } }, required = new[] { "q" } },
        },
    ];

    public static readonly ToolCatalog Catalog = ToolCatalog.Empty.With(Talk.Request(new { input = "", tools = Tools }).Tools!);

    public static Family Family(JsonElement fixture)
    {
        var ends = Texts(fixture, "ends").Select(text => new FakeSpecial(text, EndsTurn: true));
        var plain = Texts(fixture, "user").Select(text => new FakeSpecial(text, IsControl: false));
        var end = fixture.GetProperty("end").GetString()!;
        return new Family(
            fixture.GetProperty("name").GetString()!, fixture.GetProperty("template").GetString()!, end,
            [.. Texts(fixture, "control").Select(text => new FakeSpecial(text)), .. ends, .. plain]);
    }

    public static JsonElement Named(JsonElement fixtures, string name) =>
        fixtures.EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);

    /// <summary>What a parser makes of an output in these pieces, one line for each item.</summary>
    public static string Read(ModelDialect dialect, string promptEnd, IEnumerable<string> pieces, ToolCatalog? tools = null)
    {
        var sink = new OutputSink(new CallRights(tools ?? Catalog, null, ParallelCalls: true), new IdSource());
        var parser = DialectChoice.Parser(dialect, sink, 4096, promptEnd);
        var events = new List<BackendEvent>();
        foreach (var piece in pieces)
        {
            parser.Feed(piece);
            events.AddRange(sink.Drain());
        }
        parser.End();
        sink.End();
        events.AddRange(sink.Drain());
        AssertWholeCallsParse(events);
        return Lines(events);
    }

    /// <summary>A function call that is reported completed has arguments that any client can read.</summary>
    public static void AssertWholeCallsParse(IEnumerable<BackendEvent> events)
    {
        StringBuilder? arguments = null;
        foreach (var seen in events)
            switch (seen)
            {
                case BackendEvent.FunctionCallStarted: arguments = new StringBuilder(); break;
                case BackendEvent.Delta delta: arguments?.Append(delta.Text); break;
                case BackendEvent.ItemDone done:
                    if (arguments is not null && done.Status == ItemStatus.Completed)
                        Assert.True(IsJson(arguments.ToString()), $"completed with {arguments}");
                    arguments = null;
                    break;
            }
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 });
            return json.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Items of a turn, a line each: what it is, and its text or its arguments, JSON compact.</summary>
    public static string Lines(IEnumerable<BackendEvent> events)
    {
        var lines = new List<string>();
        var text = new StringBuilder();
        string? kind = null;
        foreach (var seen in events)
        {
            switch (seen)
            {
                case BackendEvent.MessageStarted: kind = "text"; break;
                case BackendEvent.ReasoningStarted: kind = "reasoning"; break;
                case BackendEvent.FunctionCallStarted call: kind = "call " + call.Name; break;
                case BackendEvent.CustomCallStarted call: kind = "custom " + call.Name; break;
                case BackendEvent.Delta delta: text.Append(delta.Text); break;
                case BackendEvent.ItemDone or BackendEvent.Finished when kind is not null:
                    var isCall = kind.StartsWith("call", StringComparison.Ordinal);
                    lines.Add($"{kind}: {(isCall ? Compact(text.ToString()) : text.ToString().Trim())}");
                    (kind, _) = (null, text.Clear());
                    break;
            }
        }
        return string.Join('\n', lines);
    }

    /// <summary>The same lines for a fixture's <c>[kind, …]</c>.</summary>
    public static string Expected(JsonElement items) => string.Join('\n', items.EnumerateArray().Select(item =>
        item[0].GetString() == "call" ? Call(item[1].GetString()!, item[2]) : $"{item[0].GetString()}: {item[1].GetString()}"));

    public static string Call(string name, JsonElement arguments) => $"call {name}: {Compact(arguments.GetRawText())}";

    private static string Compact(string json)
    {
        try
        {
            return JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement, Plain);
        }
        catch (JsonException)
        {
            return "no JSON: " + json;
        }
    }

    private static string[] Texts(JsonElement fixture, string name) =>
        fixture.TryGetProperty(name, out var texts) ? [.. texts.EnumerateArray().Select(text => text.GetString()!)] : [];

    private static JsonElement Read(string name) => JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Backends", "Embedded", "dialects", name))).RootElement;
}
