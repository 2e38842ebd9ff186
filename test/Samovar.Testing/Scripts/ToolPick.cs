using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Testing.Scripts;

/// <summary>The call that the scripted model makes with the tools it is offered.</summary>
public abstract record ToolPick
{
    private ToolPick() { }
    public sealed record Function(string Name, string Arguments, string? Namespace) : ToolPick;
    public sealed record Custom(string Name, string Input, string? Namespace) : ToolPick;

    /// <param name="Json">The item without id, call id and status.</param>
    public sealed record Shell(string Kind, string Json) : ToolPick;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The most specific tool; null when none can be used.</summary>
    /// <param name="offered">The tools in force.</param>
    /// <param name="items">The context, for tools that came as items.</param>
    /// <param name="step">Counts the calls of the script, from 1.</param>
    /// <param name="output">How much a shell command prints.</param>
    public static ToolPick? Choose(ToolList offered, IEnumerable<Item> items, int step, string output)
    {
        var all = Flatten(offered.Tools, null)
            .Concat(items.OfType<AdditionalToolsItem>().SelectMany(item => Flatten(item.Tools.Tools, null))).ToList();
        var line = ShellLine(step, output);
        return ByName("exec_command", new { cmd = line })
            ?? ByName("shell_command", new { command = line })
            ?? ByName("shell", new { command = new[] { "bash", "-lc", line } })
            ?? ByName("bash", new { command = line, description = $"step {step}" })
            ?? ByName("Bash", new { command = line, description = $"step {step}" })
            ?? Hosted("local_shell", "local_shell_call",
                new { action = new { type = "exec", command = new[] { "bash", "-lc", line }, env = new { } } })
            ?? Hosted("shell", "shell_call",
                new { action = new { commands = new[] { line }, timeout_ms = 10000, max_output_length = 10000 } })
            ?? Exec()
            ?? Any();

        ToolPick? ByName(string name, object arguments) =>
            all.FirstOrDefault(tool => tool.Tool is Tool.Function function && function.Name == name) is { Tool: Tool.Function } found
                ? new Function(name, Write(arguments), found.Namespace)
                : null;

        ToolPick? Hosted(string type, string kind, object body) =>
            all.Exists(tool => tool.Tool.Type == type) ? new Shell(kind, Write(body)) : null;

        ToolPick? Exec() => all.FirstOrDefault(tool => tool.Tool is Tool.Custom { Name: "exec" }) is { Tool: Tool.Custom } found
            ? new Custom("exec", $"const r = await tools.exec_command({{cmd: {Write(line)}}}); text(r.output);", found.Namespace)
            : null;

        ToolPick? Any() => all.FirstOrDefault(tool => tool.Tool is Tool.Function) is { Tool: Tool.Function any } found
            ? new Function(any.Name, Sample(any.Parameters, step), found.Namespace)
            : null;
    }

    private static IEnumerable<(Tool Tool, string? Namespace)> Flatten(IEnumerable<Tool> tools, string? name) =>
        tools.SelectMany(tool => tool is Tool.Namespace space ? Flatten(space.Tools, space.Name) : [(tool, name)]);

    private static string Write(object value) => JsonSerializer.Serialize(value, Relaxed);

    private static string ShellLine(int step, string output) => output[0] == 'r'
        ? $"printf 'step-%02d ' {step}; head -c {output[1..]} /dev/urandom | base64 -w 76 | head -c {output[1..]}"
        : $"printf 'step-%02d ' {step}; seq 100000 999999 | head -c {output}";

    private static string Sample(RawJson schema, int step)
    {
        if (schema.IsEmpty) return "{}";
        using var document = JsonDocument.Parse(schema.Utf8);
        return Sample(document.RootElement, step);
    }

    private static string Sample(JsonElement schema, int step)
    {
        if (schema.ValueKind != JsonValueKind.Object) return Write($"step-{step}");
        if (schema.TryGetProperty("enum", out var cases) && cases.GetArrayLength() > 0) return cases[0].GetRawText();
        var type = schema.TryGetProperty("type", out var named) ? named : default;
        if (type.ValueKind == JsonValueKind.Array) type = type[0];
        return (type.ValueKind == JsonValueKind.String ? type.GetString() : null) switch
        {
            "object" => SampleObject(schema, step),
            "array" => "[]",
            "integer" or "number" => step.ToString(CultureInfo.InvariantCulture),
            "boolean" => "true",
            _ => Write($"step-{step}"),
        };
    }

    private static string SampleObject(JsonElement schema, int step)
    {
        if (!schema.TryGetProperty("properties", out var properties) || !schema.TryGetProperty("required", out var required)) return "{}";
        var names = required.EnumerateArray().Select(name => name.GetString()).ToHashSet(StringComparer.Ordinal);
        var fields = properties.EnumerateObject().Where(field => names.Contains(field.Name))
            .Select(field => $"{Write(field.Name)}:{Sample(field.Value, step)}");
        return $"{{{string.Join(',', fields)}}}";
    }
}
