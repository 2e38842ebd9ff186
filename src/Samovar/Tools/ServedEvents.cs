using System.Text.RegularExpressions;
using Samovar.Backends;
using Samovar.Protocol.Json;

namespace Samovar.Tools;

/// <summary>The events of calls and lists, in the API's order.</summary>
internal static partial class ServedEvents
{
    private const int SourcesMax = 32;

    public static IEnumerable<BackendEvent> ListBegun(string id, McpTool server) =>
    [
        new BackendEvent.CarriedStarted(id, McpJson.List(id, server.Label, [], null)),
        new BackendEvent.CarriedEvent("response.mcp_list_tools.in_progress", McpJson.Progress),
    ];

    public static IEnumerable<BackendEvent> ListOver(string id, McpTool server, IReadOnlyList<ListedTool> tools, string? error) =>
    [
        new BackendEvent.CarriedEvent($"response.mcp_list_tools.{(error is null ? "completed" : "failed")}", McpJson.Progress),
        new BackendEvent.ItemDone(McpJson.List(id, server.Label, tools, error)),
    ];

    /// <summary>A call whose arguments are known from its approval.</summary>
    public static IEnumerable<BackendEvent> ApprovedBegun(ServedItem item) =>
    [
        new BackendEvent.CarriedStarted(item.Id, McpJson.Call(item, "in_progress")),
        new BackendEvent.CarriedEvent("response.mcp_call.in_progress", McpJson.Progress),
        new BackendEvent.CarriedEvent("response.mcp_call_arguments.done", McpJson.Arguments(item.Arguments)),
    ];

    public static IEnumerable<BackendEvent> SearchBegun(ServedItem item, SearchTool search) =>
    [
        new BackendEvent.CarriedStarted(item.Id, McpJson.Search(item.Id, QueryOf(item), "in_progress", null, null)),
        new BackendEvent.CarriedEvent("response.web_search_call.in_progress", McpJson.Progress),
        new BackendEvent.CarriedEvent("response.web_search_call.searching", McpJson.Progress),
    ];

    public static IEnumerable<BackendEvent> Over(ServedItem item, ServedOutcome outcome, bool wantsSources)
    {
        var isFailed = outcome.Fault is not null;
        if (item.Tool.Search is null)
            return
            [
                new BackendEvent.CarriedEvent($"response.mcp_call.{(isFailed ? "failed" : "completed")}", McpJson.Progress),
                new BackendEvent.ItemDone(McpJson.Call(item, isFailed ? "failed" : "completed", outcome.Output, outcome.Fault)),
            ];
        var found = outcome.Output ?? $"Error: {outcome.Fault!.Message}";
        var sources = wantsSources ? isFailed ? [] : SourcesOf(found) : null;
        var done = new BackendEvent.ItemDone(
            McpJson.Search(item.Id, QueryOf(item), isFailed ? "failed" : "completed", found, sources));
        return isFailed ? [done] : [new BackendEvent.CarriedEvent("response.web_search_call.completed", McpJson.Progress), done];
    }

    /// <summary>What the model searches for.</summary>
    public static string QueryOf(ServedItem item) => RawValues.IsObject(item.Arguments)
        ? RawJson.Of(item.Arguments).Text("query"u8) ?? "" : "";

    private static List<string> SourcesOf(string text) =>
    [
        .. Address().Matches(text).Select(static match => match.Value.TrimEnd('.', ',', ')', ']', ';'))
            .Distinct(StringComparer.Ordinal).Take(SourcesMax),
    ];

    [GeneratedRegex("""https?://[^\s"'<>\\]{1,2000}""", RegexOptions.NonBacktracking)] private static partial Regex Address();
}
