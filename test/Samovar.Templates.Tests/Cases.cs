using System.Text.Json;
using Samovar.Templates;
using Samovar.Templates.Values;

namespace Samovar.Templates.Tests;

/// <summary>The recorded cases beside the tests, and a render as the recording was made.</summary>
internal static class Cases
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "cases");

    public static JsonElement Json(string name) => JsonDocument.Parse(Text(name)).RootElement;

    public static string Text(string name) => File.ReadAllText(Path.Combine(Folder, name));

    public static Dictionary<string, TemplateValue> Variables(string name) => Read(Json(name));

    public static Dictionary<string, TemplateValue> Read(JsonElement variables) =>
        variables.EnumerateObject().ToDictionary(property => property.Name, property => TemplateJson.Read(property.Value));

    /// <summary>What a template gives, in the words of the recording.</summary>
    public static string Outcome(string source, IReadOnlyDictionary<string, TemplateValue> variables)
    {
        ChatTemplate template;
        try
        {
            template = ChatTemplate.Parse(source);
        }
        catch (TemplateException fault) when (fault.Line > 0)
        {
            return "fault: syntax";
        }
        try
        {
            return "output: " + template.Render(variables, TemplateLimits.Default, new FixedTime(), CancellationToken.None);
        }
        catch (TemplateException fault) when (fault.Line > 0)
        {
            return fault.RaisedByTemplate ? "refused: " + fault.Reason : "fault: render";
        }
    }

    public static string Expected(JsonElement recorded)
    {
        foreach (var kind in new[] { "output", "refused", "fault" })
        {
            if (recorded.TryGetProperty(kind, out var value))
                return kind + ": " + value.GetString();
        }
        throw new InvalidDataException("The recorded case has no outcome.");
    }

    private sealed class FixedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 3, 9, 14, 5, 7, TimeSpan.Zero);
    }
}
