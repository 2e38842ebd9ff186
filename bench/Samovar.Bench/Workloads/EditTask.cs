using Samovar.Cli.Agents;

namespace Samovar.Bench.Workloads;

/// <summary>An agent that changes settings and words in files of its own, as it was trained to.</summary>
internal static class EditTask
{
    private const int Settings = 6, Wishes = 3;
    private static readonly string[] Keys = ["port", "timeout", "retries", "workers", "level", "limit", "depth", "cache", "delay", "batch"];

    /// <summary>The responses, in their order.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(Uri server, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-edits-");
        try
        {
            var random = new Random(seed);
            var file = $"{Speech.Word(seed)}.cfg";
            var keys = Keys.OrderBy(_ => random.Next()).Take(Settings).ToArray();
            await File.WriteAllLinesAsync(Path.Combine(folder.FullName, file), keys.Select(key => $"{key} = {random.Next(10, 9999)}"));
            var tools = new AgentTools(new Workspace(folder.FullName),
                new CommandRunner(folder.FullName, _ => false, TimeSpan.FromSeconds(10), TimeProvider.System));
            await using var conversation = new Conversation(new ConversationSettings(server, null, "default",
                "You are a coding agent. Use the tools to do the task.", AgentTools.Definitions, 400), TimeProvider.System);
            var ids = new List<string>();
            for (var wish = 0; wish < Wishes; wish++)
                await DoAsync(conversation, tools, $"Set the {keys[wish]} in {file} to {random.Next(10, 9999)}.", ids);
            return ids;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task DoAsync(Conversation conversation, AgentTools tools, string wish, List<string> ids)
    {
        const int turnsMax = 8;
        List<string> items = [Conversation.UserMessage(wish)];
        for (var turn = 0; turn < turnsMax && items.Count > 0; turn++)
        {
            var report = await conversation.SendAsync(items, new SilentScreen(), CancellationToken.None);
            if (report.Failure is { } failure) throw new InvalidOperationException($"A turn failed: {failure}");
            ids.Add(report.ResponseId!);
            items = [];
            foreach (var call in report.Output.Where(item => item.GetProperty("type").GetString() == "function_call"))
                items.Add(Conversation.ToolOutput(call.GetProperty("call_id").GetString()!, await tools.CallAsync(
                    call.GetProperty("name").GetString()!, call.GetProperty("arguments").GetString()!, CancellationToken.None)));
        }
    }
}
