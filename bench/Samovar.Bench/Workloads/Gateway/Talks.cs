using Samovar.Bench.Clients;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>Kinds of clients.</summary>
internal enum TalkKind { Continued, Resent, Chat }

/// <summary>A conversation as one kind of client leads it.</summary>
internal interface ITalk : IAsyncDisposable
{
    /// <summary>Tokens of the turn's input and how many of them were cached; null when the turn failed.</summary>
    Task<(int Input, int Cached)?> SayAsync(string text);
}

/// <summary>Over a WebSocket, each turn with its new items alone.</summary>
internal sealed class ContinuedTalk(TurnClient client, string instructions) : ITalk
{
    private readonly Dialogue _dialogue = new(client, stores: false, instructions);

    public static async Task<ContinuedTalk> OpenAsync(Uri server, string instructions) =>
        new(await TurnClient.OpenAsync(Wire.WebSocket, server), instructions);

    public async Task<(int Input, int Cached)?> SayAsync(string text)
    {
        var figures = await _dialogue.TurnAsync(TurnAsk.User(text));
        return figures.Error is null ? (figures.InputTokens, figures.CachedTokens) : null;
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();
}

/// <summary>Over HTTP, each turn with everything said so far, as stateless agents do.</summary>
/// <param name="serverOf">Where the turn of this number goes.</param>
internal sealed class ResentTalk(Func<int, Uri> serverOf, string instructions) : ITalk
{
    private readonly List<string> _items = [];
    private int _turn;

    public async Task<(int Input, int Cached)?> SayAsync(string text)
    {
        _items.Add(TurnAsk.User(text)[1..^1]);
        await using var client = await TurnClient.OpenAsync(Wire.Sse, serverOf(_turn++));
        var figures = await client.TurnAsync(new TurnAsk($"[{string.Join(',', _items)}]") { Instructions = instructions });
        if (figures.Error is not null) return null;
        _items.AddRange(figures.Output);
        return (figures.InputTokens, figures.CachedTokens);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>As <see cref="ResentTalk"/>, in the Chat Completions protocol.</summary>
internal sealed class ChatTalk(Func<int, Uri> serverOf, string instructions) : ITalk
{
    private readonly List<string> _messages = [ChatClient.Message("system", instructions)];
    private int _turn;

    public async Task<(int Input, int Cached)?> SayAsync(string text)
    {
        _messages.Add(ChatClient.Message("user", text));
        if (await ChatClient.AskAsync(serverOf(_turn++), _messages) is not { } answer) return null;
        _messages.Add(ChatClient.Message("assistant", answer.Text));
        return (answer.InputTokens, answer.CachedTokens);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
