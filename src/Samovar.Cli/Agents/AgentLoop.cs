using System.Text.Json;

namespace Samovar.Cli.Agents;

/// <summary>How an agent's task ended.</summary>
internal enum AgentEnd { Done, TurnsSpent, Stuck, Failed }

/// <summary>The whole of an agent: say the task, do what the model asks, say only the results, until it asks for nothing more.</summary>
internal sealed class AgentLoop(Conversation conversation, AgentTools tools, IAgentScreen screen, int turnsMax)
{
    private const int RepeatsMax = 4; // the same call with the same result so often in a row leads nowhere
    private (string Name, string Arguments, string Result) _newest;
    private int _repeats;

    public async Task<AgentEnd> RunAsync(string task, CancellationToken userGone)
    {
        List<string> news = [Conversation.UserMessage(task)];
        for (var turn = 1; turn <= turnsMax; turn++)
        {
            var report = await conversation.SendAsync(news, screen, userGone);
            screen.TurnEnded(turn, report);
            if (report.Failure is not null) return AgentEnd.Failed;
            news = await AnswerAsync(report.Output, userGone);
            if (news.Count == 0) return AgentEnd.Done;
            if (_repeats >= RepeatsMax) return AgentEnd.Stuck;
        }
        return AgentEnd.TurnsSpent;
    }

    private async Task<List<string>> AnswerAsync(List<JsonElement> output, CancellationToken userGone)
    {
        var news = new List<string>();
        foreach (var item in output)
        {
            if (item.Said("type"u8) != "function_call") continue;
            var (name, arguments) = (item.Said("name"u8), item.Said("arguments"u8)); // any server's: what is missing is the model's to hear
            screen.CallBegins(name, arguments);
            var result = await tools.CallAsync(name, arguments, userGone);
            screen.CallEnded(result);
            _repeats = _newest == (name, arguments, result) ? _repeats + 1 : 1;
            _newest = (name, arguments, result);
            news.Add(Conversation.ToolOutput(item.Said("call_id"u8), result));
        }
        return news;
    }
}

/// <summary>Where an agent's work appears.</summary>
internal interface IAgentScreen : ITurnScreen
{
    void CallBegins(string name, string arguments);
    void CallEnded(string result);
    void TurnEnded(int turn, TurnReport report);
}
