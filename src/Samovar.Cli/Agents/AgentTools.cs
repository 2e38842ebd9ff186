using System.ComponentModel;
using System.Text.Json;

namespace Samovar.Cli.Agents;

/// <summary>The five tools of the built-in agent: list, read, edit, search and run, all confined to one folder.</summary>
internal sealed class AgentTools(Workspace workspace, CommandRunner runner)
{
    /// <summary>The tools as a request names them.</summary>
    public static readonly string Definitions = "[" + string.Join(',',
        Function("list", "List the files in a folder.", "path"),
        Function("read", "Read a text file.", "path"),
        Function("edit", "Replace text in a file.", "path", "old", "new"),
        Function("search", "Search the files for a text.", "query"),
        Function("run", "Run a shell command.", "command")) + "]";

    /// <summary>
    /// Does one call and returns what the model reads. What the model got wrong is an answer for the model, not an exception.
    /// </summary>
    public async Task<string> CallAsync(string name, string arguments, CancellationToken userGone)
    {
        try
        {
            using var json = JsonDocument.Parse(arguments.Length == 0 ? "{}" : arguments);
            var values = json.RootElement;
            return name switch
            {
                "list" => workspace.List(Text(values, "path", "")),
                "read" => workspace.Read(Text(values, "path")),
                "edit" => workspace.Edit(Text(values, "path"), Text(values, "old"), Text(values, "new")),
                "search" => workspace.Search(Text(values, "query")),
                "run" => await runner.RunAsync(Text(values, "command"), userGone),
                _ => $"error: there is no tool named {name}",
            };
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException or IOException
            or UnauthorizedAccessException or Win32Exception or InvalidOperationException) // these of a process that does not start
        {
            return "error: " + exception.Message;
        }
    }

    private static string Text(JsonElement values, string name, string? otherwise = null) =>
        values.ValueKind == JsonValueKind.Object && values.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.AnyString()!
            : otherwise ?? throw new FormatException($"{name} is missing");

    private static string Function(string name, string description, params string[] parameters)
    {
        var properties = string.Join(',', parameters.Select(parameter => $$"""
            "{{parameter}}":{"type":"string"}
            """));
        var required = string.Join(',', parameters.Select(parameter => $"\"{parameter}\""));
        return $$"""
            {"type":"function","name":"{{name}}","description":"{{description}}","strict":false,
            "parameters":{"type":"object","properties":{ {{properties}} },"required":[{{required}}] } }
            """.ReplaceLineEndings("");
    }
}
