using Samovar.Bench.Workloads;
using Samovar.Cli.Agents;

namespace Samovar.Bench.Servers;

/// <summary>Samovar as a contender: each session is one WebSocket that sends only what is new.</summary>
internal sealed class SamovarContender(ServerProcess server, int outputTokens) : IContender
{
    public Uri BaseUrl => server.BaseUrl;

    public static async Task<IContender> StartAsync(string model, int outputTokens) =>
        new SamovarContender(
            await ServerProcess.StartAsync(["--model", model, "--log-level", "Warning"], TimeSpan.FromMinutes(5)), outputTokens);

    public IContenderSession Begin(string instructions, int number) => new Session(new Conversation(
        new ConversationSettings(server.BaseUrl, null, "default", instructions, null, outputTokens), TimeProvider.System));

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private sealed class Session(Conversation conversation) : IContenderSession
    {
        public async Task<SessionTurn> SayAsync(string text)
        {
            var turn = await conversation.SendAsync([Conversation.UserMessage(text)], new SilentScreen(), CancellationToken.None);
            if (turn.Failure is { } failure) throw new InvalidOperationException($"A turn failed: {failure}");
            return new SessionTurn(turn.InputTokens, turn.CachedTokens, turn.OutputTokens, turn.FirstToken ?? turn.Total);
        }

        public ValueTask DisposeAsync() => conversation.DisposeAsync();
    }
}
