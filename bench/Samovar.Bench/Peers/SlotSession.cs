using System.Globalization;
using Samovar.Bench.Clients;
using Samovar.Bench.Workloads;

namespace Samovar.Bench.Peers;

/// <summary>A session at llama-server: the whole conversation goes up with each turn.</summary>
/// <param name="server">Its address.</param>
/// <param name="instructions">The system message.</param>
/// <param name="outputTokens">Tokens of an answer at most.</param>
/// <param name="slot">The slot that the session names; null leaves the choice to the server.</param>
internal sealed class SlotSession(Uri server, string instructions, int outputTokens, int? slot) : IContenderSession
{
    private readonly List<string> _messages = [ChatClient.Message("system", instructions)];
    private readonly string _settings = string.Create(CultureInfo.InvariantCulture, $",\"max_tokens\":{outputTokens},\"temperature\":0")
        + (slot is { } number ? string.Create(CultureInfo.InvariantCulture, $",\"id_slot\":{number}") : "");

    public async Task<SessionTurn> SayAsync(string text)
    {
        _messages.Add(ChatClient.Message("user", text));
        var answer = await ChatClient.AskAsync(server, _messages, _settings)
            ?? throw new InvalidOperationException("llama-server refused a turn.");
        _messages.Add(ChatClient.Message("assistant", answer.Text));
        return new SessionTurn(answer.InputTokens, answer.CachedTokens, answer.OutputTokens, answer.FirstText!.Value);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
