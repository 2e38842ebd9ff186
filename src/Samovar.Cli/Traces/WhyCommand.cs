using System.CommandLine;
using System.Text;
using Samovar.Cli.Agents;
using Samovar.Escaping;

namespace Samovar.Cli.Traces;

/// <summary><c>samovar why</c>: why a turn was warm or cold.</summary>
internal static class WhyCommand
{
    public static Command Create()
    {
        var server = new ServerChoice(TraceClient.WhoseKey);
        var response = new Argument<string>("response") { Description = TraceClient.WhichResponse };
        var json = new Option<bool>("--json") { Description = "Print it as JSON." };
        var command = new Command("why", "Show what one turn reused of the cache, what it did not, and why.");
        command.Add(response);
        server.AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, userGone) =>
        {
            using var client = server.Open(parsed, static (address, key) => new TraceClient(address, key));
            return await RunAsync(client, parsed.GetValue(response)!, parsed.GetValue(json), Console.Out, Console.Error, userGone);
        });
        return command;
    }

    /// <returns>0 well, 1 nothing is known of it.</returns>
    internal static async Task<int> RunAsync(
        TraceClient client, string response, bool isJson, TextWriter output, TextWriter error, CancellationToken userGone)
    {
        var (json, trouble) = await client.AskWhyAsync(response, userGone);
        if (json is null) return Complaint.Fail(error, trouble!);
        if (isJson)
        {
            await output.WriteLineAsync(Encoding.UTF8.GetString(json));
            return 0;
        }
        if (WhyAnswer.Read(json) is not { } answer)
            return Complaint.Fail(error, Complaint.Unreadable);
        foreach (var line in WhyText.Lines(answer)) await output.WriteLineAsync(ForeignText.OneLine(line));
        return 0;
    }
}
