using Samovar.Engine;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Testing.Engines.Talks;

/// <summary>Conversations with an engine on a <see cref="KindModel"/>, in tokens, as a chat template would write them, marks
/// included.</summary>
/// <param name="engine">Who answers.</param>
/// <param name="random">Chooses what is said.</param>
/// <param name="scope">The namespace of all of it.</param>
/// <param name="thinks">Whether answers are opened with a thought, and a history leaves the thoughts out.</param>
public sealed class Talker(ISequenceEngine engine, Random random, string scope, bool thinks = false)
{
    private const int NewLine = '\n', System = 's', User = 'u', Assistant = 'a', Tool = 't';
    /// <summary>Tokens of a message in front of its words, and behind them.</summary>
    public const int HeadTokens = 3, EndTokens = 2;

    private static readonly IReadOnlyDictionary<int, float> NoEnd = KindModel.EndTokens.ToDictionary(token => token, _ => -1000f);

    /// <summary>Whether what it says may be written to a disk.</summary>
    public bool IsStored { get; init; }

    private int[] Opening => thinks ? [.. Said, KindModel.ThoughtsBeginToken, NewLine] : Said;

    private static int[] Said => [KindModel.MessageBeginToken, Assistant, NewLine];

    /// <summary>A conversation in which instructions of so many tokens stand.</summary>
    public TalkPoint Begin(int tokens)
    {
        var start = TokenPath.Empty.Append(Message(System, Words(tokens)));
        return new TalkPoint(start, null, 0, start.Length);
    }

    public int[] Words(int count)
    {
        var words = new int[count];
        foreach (ref var word in words.AsSpan()) word = random.Next(KindModel.TextBegin, KindModel.TextEnd);
        return words;
    }

    /// <summary>A turn whose newest message is a question.</summary>
    /// <param name="cancelAfter">Tokens of the answer after which the client goes away.</param>
    public Task<TalkTurn> AskAsync(string label, TalkPoint from, int[] question, int answerMax, int? cancelAfter = null)
    {
        var path = from.Path.Append(Message(User, question));
        return RunAsync(label, from, path.Length, path, answerMax, cancelAfter,
            new(from.StableEnd, MarkKind.StableStart), new(from.Path.Length, MarkKind.QuestionStart),
            new(path.Length, MarkKind.QuestionEnd));
    }

    /// <summary>A turn whose newest message is what a tool gave to the turn before.</summary>
    public Task<TalkTurn> GiveOutputAsync(string label, TalkTurn before, int[] given, int answerMax)
    {
        var from = After(before);
        var path = from.Path.Append(Message(Tool, given));
        return RunAsync(label, from, before.QuestionEnd, path, answerMax, null,
            new(from.StableEnd, MarkKind.StableStart), new(before.QuestionEnd, MarkKind.QuestionEnd),
            new(path.Length, MarkKind.OutputEnd));
    }

    /// <summary>The same request again.</summary>
    public Task<TalkTurn> AskAgainAsync(string label, TalkTurn turn, int answerMax) => RunAsync(
        label, turn.Point with { Known = turn.Prompt.Length }, turn.QuestionEnd, turn.Spec.Prompt, answerMax, null, [.. turn.Spec.Marks]);

    /// <summary>Behind a turn's answer, as it was said.</summary>
    public static TalkPoint After(TalkTurn turn) =>
        new(turn.End.Path.Append(Ending(turn)), turn.End.Pin, turn.End.Path.Length, turn.Point.StableEnd);

    /// <summary>Behind a turn's answer, as a client resends it whose text has other tokens than those that were said.</summary>
    public TalkPoint Resent(TalkTurn turn)
    {
        var tokens = turn.End.Path.ToArray();
        var changed = turn.Prompt.Length + turn.Steps.Count / 2;
        if (changed < tokens.Length) tokens[changed] = tokens[changed] == KindModel.TextBegin ? tokens[changed] + 1 : KindModel.TextBegin;
        var path = TokenPath.Empty.Append(tokens).Append(Ending(turn));
        return new TalkPoint(path, null, Math.Min(changed, tokens.Length), turn.Point.StableEnd);
    }

    /// <summary>Behind the answer to a question, without the thoughts: the first half of each answer since then.</summary>
    /// <param name="turns">The turns since the question, it first.</param>
    public static TalkPoint Stripped(params IReadOnlyList<TalkTurn> turns)
    {
        var first = turns[0];
        var path = TokenPath.Empty.Append(first.Prompt.ToArray().AsMemory(0, first.QuestionEnd));
        for (var at = 0; at < turns.Count; at++)
        {
            var turn = turns[at];
            path = path.Append(Said).Append(turn.Steps.Skip(turn.Steps.Count / 2).Select(step => step.Token).ToArray())
                .Append(Ending(turn));
            if (at + 1 < turns.Count) path = path.Append(Between(turn, turns[at + 1]));
        }
        return new TalkPoint(path, null, first.QuestionEnd + Said.Length, first.Point.StableEnd);
    }

    // What stands behind an answer and in front of the next opening.
    private static int[] Between(TalkTurn turn, TalkTurn next)
    {
        var behind = After(turn).Path.Length;
        return next.Prompt.ToArray()[behind..next.Spec.Marks[^1].Position];
    }

    private static int[] Message(int role, int[] words) =>
        [KindModel.MessageBeginToken, role, NewLine, .. words, KindModel.MessageEndToken, NewLine];

    private static int[] Ending(TalkTurn turn) =>
        turn.Steps is [.., { IsEnd: true }] && turn.Steps[^1].Token == KindModel.MessageEndToken ? [NewLine]
            : [KindModel.MessageEndToken, NewLine];

    private async Task<TalkTurn> RunAsync(string label, TalkPoint from, int questionEnd, TokenPath context, int answerMax, int? cancelAfter,
        params PromptMark[] marks)
    {
        var prompt = context.Length > 0 && marks[^1].Position == context.Length ? context.Append(Opening) : context;
        var spec = new EngineTurnSpec
        {
            Namespace = scope, Prompt = prompt, ContinueFrom = from.Pin, OutputTokensMax = answerMax, Marks = marks, IsStored = IsStored,
            Sampling = new SamplingSettings { Temperature = 0, TopLogprobs = 2, LogitBias = NoEnd },
        };
        var admission = engine.Begin(spec);
        if (admission is not EngineAdmission.Admitted { Turn: var turn }) throw new InvalidOperationException($"{label}: {admission}");
        var steps = new List<TokenStep>();
        await foreach (var step in turn.Steps.ReadAllAsync())
        {
            steps.Add(step);
            if (steps.Count == cancelAfter) turn.Cancel();
        }
        var end = await turn.Ended;
        if (end.Failure is { } failure) throw new InvalidOperationException($"{label}: {failure}");
        return new TalkTurn(label, from, questionEnd, spec, end, steps);
    }
}
