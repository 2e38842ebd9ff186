using System.CommandLine;
using System.Globalization;
using System.Net.WebSockets;

namespace Samovar.Cli.Agents;

/// <summary>
/// <c>samovar agent "fix the failing test" --dir DIR</c>: a small agent over one WebSocket, which shows what each turn cost.
/// </summary>
internal static class AgentCommand
{
    private const string NobodyToAsk =
        "There is no terminal to ask on, so the agent may read and write files, but runs no command; --yes lets it run them unasked.";

    private const string Instructions = "You are a coding agent. Use the tools to do the task.";

    public static Command Create(TimeProvider time)
    {
        var task = new Argument<string[]>("task")
        {
            Description = "What to do, in a sentence, in quotes.", Arity = ArgumentArity.ZeroOrMore,
        };
        var folder = new Option<DirectoryInfo>("--dir") 
        {
            Description = "The only folder the agent may touch.",
            DefaultValueFactory = _ => new DirectoryInfo("."),
        };
        var yes = new Option<bool>("--yes") { Description = "Run commands without asking." };
        var turns = CountOption.Of("--turns", "Most turns of one task.", 40);
        var patience = CountOption.Of("--command-seconds", "How long one command may run.", 120);
        var connection = new ConnectionOptions();
        var command = new Command("agent", "Do a task in a folder with a small built-in agent.") { task, folder, yes, turns, patience };
        connection.AddTo(command);
        command.SetAction((parsed, userGone) =>
        {
            var workspace = new Workspace(parsed.GetValue(folder)!.FullName);
            if (!Directory.Exists(workspace.Root)) throw new UsageException($"--dir: there is no folder '{workspace.Root}'.");
            var what = TaskOf(parsed.GetValue(task) ?? []);
            var screen = new ConsoleScreen(Console.Out, !Console.IsOutputRedirected);
            if (Console.IsInputRedirected && !parsed.GetValue(yes)) Console.Error.WriteLine("samovar: " + NobodyToAsk);
            var runner = new CommandRunner(workspace.Root, line => parsed.GetValue(yes) || Asked(screen, line, userGone),
                TimeSpan.FromSeconds(parsed.GetValue(patience)), time);
            var settings = connection.Read(parsed, Instructions, AgentTools.Definitions);
            return RunAsync(settings, new AgentTools(workspace, runner), screen, what, parsed.GetValue(turns), time,
                userGone);
        });
        return command;
    }

    /// <summary>The one sentence that was typed.</summary>
    private static string TaskOf(string[] words)
    {
        if (words.FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal)) is { } option)
            throw new UsageException($"There is no option {option} of 'samovar agent'; 'samovar agent --help' lists what there is.");
        if (words.Length > 1) throw new UsageException($"The task must stand in quotes: samovar agent \"{string.Join(' ', words)}\".");
        return words is [var task] && !string.IsNullOrWhiteSpace(task) ? task
            : throw new UsageException("The agent needs a task, in quotes: samovar agent \"fix the failing test\".");
    }

    private static async Task<int> RunAsync(
        ConversationSettings settings, AgentTools tools, ConsoleScreen screen, string task, int turnsMax, TimeProvider time,
            CancellationToken userGone)
    {
        await using var conversation = new Conversation(settings, time);
        try
        {
            var end = await new AgentLoop(conversation, tools, screen, turnsMax).RunAsync(task, userGone);
            screen.Line("32", Summary(conversation, end));
            return end == AgentEnd.Done ? 0 : 1;
        }
        catch (WebSocketException exception)
        {
            screen.Line("31", $"The connection to {settings.BaseUrl} was lost: {exception.Message}");
            return 1;
        }
    }

    private static string Summary(Conversation conversation, AgentEnd end)
    {
        var saved = conversation.BytesUpStateless == 0 ? 0 : 100.0 * (1 - (double)conversation.BytesUp / conversation.BytesUpStateless);
        var word = end switch
        {
            AgentEnd.Done => "done",
            AgentEnd.TurnsSpent => "stopped: no turns left",
            AgentEnd.Stuck => "stopped: it does the same again and again",
            _ => "failed",
        };
        return string.Create(CultureInfo.InvariantCulture,
            $"{word} after {conversation.Turns} turns: {conversation.BytesLine()} ({saved:0} % less)");
    }

    private static bool Asked(ConsoleScreen screen, string command, CancellationToken userGone)
    {
        if (Console.IsInputRedirected) return false;
        screen.Line("35", $"Run this command? {command}");
        Console.Write("[y/N] ");
        return TypedLine.Read(Console.In, userGone)?.Trim().StartsWith("y", StringComparison.OrdinalIgnoreCase) == true;
    }
}
