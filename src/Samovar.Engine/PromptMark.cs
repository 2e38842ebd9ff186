namespace Samovar.Engine;

/// <summary>A place in a prompt at which others may want to go on, or the same conversation again.</summary>
/// <param name="Position">Prompt tokens in front of it.</param>
/// <param name="Kind">What ends or begins there.</param>
public readonly record struct PromptMark(int Position, MarkKind Kind);

/// <summary>What a place in a context is.</summary>
public enum MarkKind
{
    /// <summary>The end of a turn: where its continuation goes on.</summary>
    TurnEnd,

    /// <summary>The end of what conversations of one client have in common: instructions and tools.</summary>
    StableStart,

    /// <summary>Where the newest question begins: another one may stand there.</summary>
    QuestionStart,

    /// <summary>Where the newest question ends, before the answer is opened: the same question again, or a history whose thoughts are
    /// left out.</summary>
    QuestionEnd,

    /// <summary>Where the newest output of a tool ends, before the answer is opened.</summary>
    OutputEnd,

    /// <summary>A place on the way through a long prompt.</summary>
    Interval,

    /// <summary>Where another context went on differently.</summary>
    Branch,
}
