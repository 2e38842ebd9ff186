using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Testing.Tools;

/// <summary>One thing that a calling backend says: a text, or calls.</summary>
public sealed record Says(string? Text, params (string? Namespace, string Name, string Arguments)[] Calls)
{
    public static Says Words(string text) => new(text);
    public static Says Call(string? @namespace, string name, string arguments = """{"text":"hi"}""") =>
        new(null, (@namespace, name, arguments));
}

/// <summary>A backend that says what a test has laid before it, round by round, and notes what it was asked.</summary>
public sealed class CallingBackend(params Says[] rounds) : IBackend
{
    private readonly ConcurrentQueue<Says> _rounds = new(rounds);

    public IReadOnlyList<BackendModel> Models { get; } = [new BackendModel("calling", "samovar", 100_000)];

    /// <summary>Whether its upstream runs tools itself.</summary>
    public bool RunsTools { get; init; }

    /// <summary>What each round says that it used.</summary>
    public Usage Usage { get; init; } = new(10, 0, 5, 0);

    /// <summary>What it was asked, round by round.</summary>
    public ConcurrentQueue<BackendTurn> Asked { get; } = new();

    public bool RunsHostedTools(BackendTurn turn) => RunsTools;

    public void Then(params Says[] more)
    {
        foreach (var said in more) _rounds.Enqueue(said);
    }

    public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        await Task.Yield();
        Asked.Enqueue(turn);
        yield return new BackendEvent.Accepted("calling");
        if (turn.Request.Generate && _rounds.TryDequeue(out var said))
        {
            if (said.Text is { } text)
            {
                yield return new BackendEvent.MessageStarted();
                yield return new BackendEvent.Delta(text);
                yield return new BackendEvent.ItemDone();
            }
            foreach (var call in said.Calls)
            {
                yield return new BackendEvent.FunctionCallStarted(call.Name, Namespace: call.Namespace);
                yield return new BackendEvent.Delta(call.Arguments[..(call.Arguments.Length / 2)]);
                yield return new BackendEvent.Delta(call.Arguments[(call.Arguments.Length / 2)..]);
                yield return new BackendEvent.ItemDone();
            }
        }
        yield return new BackendEvent.Finished(Usage);
    }

    /// <summary>What a round was asked with, in one line for each item.</summary>
    public static IEnumerable<string> Lines(BackendTurn turn) => turn.Context.AllItems().Select(static item => item switch
    {
        MessageItem message => $"{message.Role}: {TextOf(message.Content)}",
        FunctionCallItem call => $"call {call.Namespace}/{call.Name} {call.Arguments}",
        FunctionCallOutputItem output => $"output {TextOf(output.Output)}",
        _ => item.Type,
    });

    private static string TextOf(IReadOnlyList<ContentPart> parts) =>
        string.Concat(parts.OfType<ContentPart.Text>().Select(static part => part.Value));
}
