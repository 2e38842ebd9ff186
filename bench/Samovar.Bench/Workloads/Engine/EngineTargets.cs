using System.Globalization;
using Samovar.Bench.Clients;

namespace Samovar.Bench.Workloads.Engine;

/// <summary>A server that keeps the conversation: each turn names the response that it goes on from and sends its own text alone.</summary>
internal sealed class ContinuingTarget(Uri address, IAsyncDisposable server) : IEngineTarget
{
    public async Task<AnsweredTurn> AskAsync(EngineAsk ask, CancellationToken late)
    {
        await using var client = new PostClient(address, streams: true);
        var said = await client.TurnAsync(new TurnAsk(TurnAsk.User(ask.Text))
        {
            Stores = true, Previous = ask.After?.Id, OutputMax = ask.OutputMax, Temperature = 0, Begun = ask.Begun,
        }, late);
        if (said.Error is { } error) throw new EngineTurnException(error);
        return new AnsweredTurn(ask.After, ask.Text, "", said.ResponseId)
        {
            InputTokens = said.InputTokens, CachedTokens = said.CachedTokens, OutputTokens = said.OutputTokens,
            FirstToken = said.FirstOutput ?? said.Total, Total = said.Total,
        };
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}

/// <summary>A server that finds by content what it knows: the whole conversation goes up with each turn.</summary>
/// <param name="hasSlots">Whether each branch names the slot that is its own.</param>
internal sealed class ResendingTarget(Uri address, IAsyncDisposable server, bool hasSlots = false) : IEngineTarget
{
    public async Task<AnsweredTurn> AskAsync(EngineAsk ask, CancellationToken late)
    {
        var messages = (ask.After?.Path() ?? []).SelectMany(turn => (string[])
            [ChatClient.Message("user", turn.Text), ChatClient.Message("assistant", turn.Answer)]);
        var settings = string.Create(CultureInfo.InvariantCulture, $",\"max_tokens\":{ask.OutputMax},\"temperature\":0")
            + (hasSlots ? string.Create(CultureInfo.InvariantCulture, $",\"id_slot\":{ask.Branch}") : "");
        var said = await AskAsync([.. messages, ChatClient.Message("user", ask.Text)], settings, ask.Begun, late);
        return new AnsweredTurn(ask.After, ask.Text, said.Text, null)
        {
            InputTokens = said.InputTokens, CachedTokens = said.CachedTokens, OutputTokens = said.OutputTokens,
            FirstToken = said.FirstText!.Value, Total = said.Total,
        };
    }

    private async Task<ChatAnswer> AskAsync(IReadOnlyList<string> messages, string settings, Action? begun, CancellationToken late)
    {
        var refusal = "";
        try
        {
            return await ChatClient.AskAsync(address, messages, settings, begun, why => refusal = why, closes: true, late)
                ?? throw new EngineTurnException(refusal);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new EngineTurnException(exception.Message); // a server that has died is a finding, not the end of the run
        }
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
