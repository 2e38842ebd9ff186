namespace Samovar.Bench.Workloads.Engine;

/// <summary>What clients do with a conversation besides going on with it.</summary>
internal enum BranchKind
{
    /// <summary>Several branches go on from one turn, side by side.</summary>
    Fork,

    /// <summary>The same message once more.</summary>
    Regenerate,

    /// <summary>The last message with another end.</summary>
    Edit,

    /// <summary>The client hangs up as the answer begins, and sends its message with another end.</summary>
    CancelAndEdit,
}

/// <summary>A conversation of some turns, and then branches off it.</summary>
internal sealed record BranchWork(BranchKind Kind, int StartTokens, int AddedTokens, int OutputTokens, int Branches, int Turns)
    : EngineWork("kv-" + NameOf(Kind))
{
    private const int CancelledOutput = 400; // long enough that somebody who goes on with it is in the way

    public override EngineNeeds Needs =>
        new(Branches + 1, StartTokens + (2 * Turns + 2) * (AddedTokens + OutputTokens) * 2 + CancelledOutput + Slack);

    public override async Task RunAsync(EngineRound round, CancellationToken stop)
    {
        AnsweredTurn? newest = null;
        for (var turn = 0; turn < Turns; turn++)
        {
            var text = (turn == 0 ? round.Text(StartTokens, 1) + " " : "") + round.Text(AddedTokens, 2 + turn);
            newest = await round.AskAsync("start", new EngineAsk(0, newest, text, OutputTokens), stop);
            if (newest is null) return;
        }
        await (Kind == BranchKind.Fork ? ForkAsync(round, newest!, stop) : ChangeAsync(round, newest!, stop));
    }

    private async Task ForkAsync(EngineRound round, AnsweredTurn from, CancellationToken stop)
    {
        var newest = Enumerable.Repeat(from, Branches).ToArray();
        for (var turn = 0; turn < Turns; turn++)
            for (var branch = 0; branch < Branches; branch++)
                newest[branch] = await round.AskAsync($"branch {branch + 1}", new EngineAsk(branch + 1, newest[branch],
                    round.Text(AddedTokens, 100 * (branch + 1) + turn), OutputTokens), stop) ?? newest[branch];
    }

    private async Task ChangeAsync(EngineRound round, AnsweredTurn last, CancellationToken stop)
    {
        for (var change = 1; change <= Branches; change++)
        {
            var text = Kind == BranchKind.Regenerate ? last.Text : Changed(round, last.Text, change);
            if (Kind == BranchKind.CancelAndEdit)
                await round.CancelAsync(new EngineAsk(0, last.After, Changed(round, last.Text, -change), CancelledOutput), stop);
            await round.AskAsync("again", new EngineAsk(0, last.After, text, OutputTokens), stop);
        }
    }

    /// <summary>Three quarters as before, and another end.</summary>
    private static string Changed(EngineRound round, string text, int change) =>
        text[..(text.Length * 3 / 4)] + round.Text(1000, 500 + change)[..(text.Length / 4)];

    private static string NameOf(BranchKind kind) => kind switch
    {
        BranchKind.Fork => "fork", BranchKind.Regenerate => "regenerate", BranchKind.Edit => "edit", _ => "cancel",
    };
}
