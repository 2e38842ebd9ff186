using System.CommandLine;
using System.Globalization;
using System.Net.WebSockets;

namespace Samovar.Cli.Agents;

/// <summary>
/// <c>samovar chat</c>: the agent's connection as a plain chat in the terminal, with <c>/fork</c>, <c>/stats</c> and <c>/quit</c>.
/// </summary>
internal static class ChatCommand
{
    public static Command Create(TimeProvider time)
    {
        var instructions = new Option<string?>("--instructions") { Description = "Instructions for the model." };
        var connection = new ConnectionOptions();
        var command = new Command("chat", "Talk to the model in the terminal.") { instructions };
        connection.AddTo(command);
        command.SetAction((parsed, userGone) =>
            RunAsync(connection.Read(parsed, parsed.GetValue(instructions), null), Console.In, new ConsoleScreen(Console.Out,
                !Console.IsOutputRedirected), time, userGone));
        return command;
    }

    /// <summary>
    /// Reads lines to the end of the input. A fork keeps what was said; <c>/fork</c> again goes back to the other branch.
    /// </summary>
    internal static async Task<int> RunAsync(ConversationSettings settings, TextReader input, ConsoleScreen screen, TimeProvider time,
        CancellationToken userGone)
    {
        var branches = new List<Conversation> { new(settings, time) };
        var current = 0;
        try
        {
            screen.Line("90", "/fork branches off, /branch N goes to a branch, /stats shows what it cost, /quit ends.");
            while (await AskAsync(input, screen, branches.Count > 1 ? current : null, userGone) is { } line)
            {
                var words = line.Trim().Split(' ', 2);
                switch (words[0])
                {
                    case "": break;
                    case "/quit": return 0;
                    case "/stats": screen.Line("33", Stats(branches[current])); break;
                    case "/fork" when branches.Count < BranchesMax:
                        branches.Add(branches[current].Fork());
                        current = branches.Count - 1;
                        break;
                    case "/branch" when words.Length == 2 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture,
                        out var to) && to < branches.Count: current = to; break;
                    case ['/', ..]: screen.Line("31", $"{words[0]} is not possible here."); break;
                    default:
                        var report = await branches[current].SendAsync([Conversation.UserMessage(line)], screen, userGone);
                        screen.Line("90", report.Failure is { } failure ? $"{failure.Message} ({failure.Code})" : report.Line());
                        break;
                }
            }
            return 0;
        }
        catch (WebSocketException exception)
        {
            screen.Line("31", $"The connection to {settings.BaseUrl} was lost: {exception.Message}");
            return 1;
        }
        finally
        {
            foreach (var branch in branches) await branch.DisposeAsync();
        }
    }

    private const int BranchesMax = 16;

    private static async ValueTask<string?> AskAsync(TextReader input, ConsoleScreen screen, int? branch, CancellationToken userGone)
    {
        screen.Text(branch is null ? "> " : string.Create(CultureInfo.InvariantCulture, $"{branch}> "));
        return await TypedLine.ReadAsync(input, userGone);
    }

    private static string Stats(Conversation conversation) => string.Create(CultureInfo.InvariantCulture,
        $"{conversation.Turns} turns, {conversation.BytesLine()}");
}
