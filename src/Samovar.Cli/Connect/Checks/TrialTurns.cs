using System.Net.WebSockets;
using Samovar.Cli.Agents;
using Samovar.Cli.Connect.Setups;

namespace Samovar.Cli.Connect.Checks;

/// <summary>Two short turns of one conversation, over what an agent is going to use: does it work, and does the second find the
/// first?</summary>
internal sealed class TrialTurns(ConnectTarget target, TimeProvider time)
{
    private const int MinutesMax = 5; // a model may have to be loaded first
    private static readonly TimeSpan TurnMax = TimeSpan.FromMinutes(MinutesMax);

    public async Task<TrialReport> RunAsync(AgentWire wire, CancellationToken userGone)
    {
        var transport = wire switch
        {
            AgentWire.ResponsesSocket => "Responses over a WebSocket",
            AgentWire.ResponsesHttp => "Responses over HTTP",
            AgentWire.Chat => "Chat Completions over HTTP",
            _ => "Messages over HTTP",
        };
        using var patience = new CancellationTokenSource(TurnMax, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(userGone, patience.Token);
        try
        {
            return wire == AgentWire.ResponsesSocket ? await OverSocketAsync(transport, linked.Token)
                : await new TrialHttp(target, wire).RunAsync(transport, linked.Token);
        }
        catch (OperationCanceledException) when (!userGone.IsCancellationRequested)
        {
            return new TrialReport(transport, null, 0, 0, $"no answer within {MinutesMax} minutes");
        }
        catch (Exception fault) when (fault is NoServerException or WebSocketException or HttpRequestException or IOException)
        {
            return new TrialReport(transport, null, 0, 0, fault.Message);
        }
    }

    private async Task<TrialReport> OverSocketAsync(string transport, CancellationToken userGone)
    {
        var settings = new ConversationSettings(
            new Uri(target.V1), target.Key, target.Model, TrialWords.Instructions, null, TrialWords.OutputTokensMax) { IsTrial = true };
        await using var conversation = new Conversation(settings, time);
        TurnReport? last = null;
        foreach (var question in TrialWords.Questions)
        {
            last = await conversation.SendAsync([Conversation.UserMessage(question)], new Nowhere(), userGone);
            if (last.Failure is { } failure) return new TrialReport(transport, null, 0, 0, failure.Message);
        }
        return new TrialReport(transport, target.Model, last!.InputTokens, last.CachedTokens, null);
    }

    private sealed class Nowhere : ITurnScreen
    {
        public void Text(string delta) { }
    }
}
