namespace Samovar.Bench.Workloads.Engine;

/// <summary>A running server that conversations are led with; each may go on from any of its answered turns.</summary>
internal interface IEngineTarget : IAsyncDisposable
{
    Task<AnsweredTurn> AskAsync(EngineAsk ask, CancellationToken late);
}

/// <summary>One turn, and where it stands in the tree of its conversation.</summary>
/// <param name="Branch">From 0: which of the conversations and their branches speaks; a server that has slots may be given one for
/// each.</param>
/// <param name="After">The turn that it goes on from; null begins a conversation.</param>
/// <param name="Text">What the user says.</param>
/// <param name="OutputMax">Tokens of the answer at most.</param>
internal sealed record EngineAsk(int Branch, AnsweredTurn? After, string Text, int OutputMax)
{
    /// <summary>The least that the Responses protocol lets a client ask for.</summary>
    public const int OutputLeast = 16;

    /// <summary>Hears of the first output.</summary>
    public Action? Begun { get; init; }
}

/// <summary>A turn that came to its end: a next one may go on from it, or branch off before it. Times are the client's.</summary>
/// <param name="After">The turn before it.</param>
/// <param name="Answer">What the model said; empty where the server keeps it.</param>
/// <param name="Id">The server's name of the response; null where the client keeps the conversation.</param>
internal sealed record AnsweredTurn(AnsweredTurn? After, string Text, string Answer, string? Id)
{
    public required int InputTokens { get; init; }
    public required int CachedTokens { get; init; }
    public required int OutputTokens { get; init; }
    public required TimeSpan FirstToken { get; init; }
    public required TimeSpan Total { get; init; }

    /// <summary>What a turn behind it has in front of its own text.</summary>
    public int ContextTokens => InputTokens + OutputTokens;

    /// <summary>From the conversation's first turn to this one.</summary>
    public IReadOnlyList<AnsweredTurn> Path()
    {
        var path = new Stack<AnsweredTurn>();
        for (var turn = this; turn is not null; turn = turn.After) path.Push(turn);
        return [.. path];
    }
}

/// <summary>A turn that the server refused or broke off.</summary>
internal sealed class EngineTurnException(string message) : InvalidOperationException(message);
