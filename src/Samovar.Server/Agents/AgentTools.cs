using System.Text.Json;

namespace Samovar.Server.Agents;

/// <summary>The five tools of the built-in agent: list, read, edit, search and run, all confined to one folder.</summary>
internal sealed class AgentTools(Workspace workspace, CommandRunner runner)
{
    /// <summary>The tools as a request names them.</summary>
    public const string Definitions = """
        [{"type":"function","name":"list","description":"List the files in a folder.","strict":false,"parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}},
        {"type":"function","name":"read","description":"Read a text file.","strict":false,"parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}},
        {"type":"function","name":"edit","description":"Replace text in a file.","strict":false,"parameters":{"type":"object","properties":{"path":{"type":"string"},"old":{"type":"string"},"new":{"type":"string"}},"required":["path","old","new"]}},
        {"type":"function","name":"search","description":"Search the files for a text.","strict":false,"parameters":{"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}},
        {"type":"function","name":"run","description":"Run a shell command.","strict":false,"parameters":{"type":"object","properties":{"command":{"type":"string"}},"required":["command"]}}]
        """;

    /// <summary>Does one call and returns what the model reads. What the model got wrong is an answer for the model, not an exception.</summary>
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
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return "error: " + exception.Message;
        }
    }

    private static string Text(JsonElement values, string name, string? otherwise = null) =>
        values.ValueKind == JsonValueKind.Object && values.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : otherwise ?? throw new FormatException($"{name} is missing");
}
