using System.Collections.Frozen;

namespace Samovar.Protocol.Requests;

/// <summary>Something that the model shall not see of a conversation that its client goes on sending whole: Anthropic's context
/// editing.</summary>
public abstract record ContextEdit
{
    private ContextEdit(string kind) => Kind = kind;

    /// <summary>Its name and date, as the client writes them.</summary>
    public string Kind { get; }

    /// <summary>Whether a prompt of so many tokens is long enough for it.</summary>
    public virtual bool IsDue(int tokens) => true;

    /// <summary>Whether it is worth while where so many tokens are won.</summary>
    public virtual bool IsWorth(int tokens) => true;

    /// <summary>Thoughts of older turns are left out.</summary>
    /// <param name="TurnsKept">So many of the newest turns in which the assistant thought keep their thoughts; null: all do.</param>
    public sealed record ClearThinking(int? TurnsKept) : ContextEdit(KindName)
    {
        public const string KindName = "clear_thinking_20251015";

        /// <summary>Where the client does not say.</summary>
        public const int TurnsKeptDefault = 1;
    }

    /// <summary>Once a conversation is long, results of older calls are replaced by a note.</summary>
    public sealed record ClearToolUses() : ContextEdit(KindName)
    {
        public const string KindName = "clear_tool_uses_20250919";
        private const int TokensDefault = 100_000, UsesKeptDefault = 3;

        /// <summary>Tokens of input beyond which it is long; null where its calls are counted.</summary>
        public int? TokensTrigger { get; init; } = TokensDefault;

        /// <summary>Calls beyond which it is long; null where its tokens are counted.</summary>
        public int? UsesTrigger { get; init; }

        /// <summary>So many of the newest calls keep their results.</summary>
        public int UsesKept { get; init; } = UsesKeptDefault;

        /// <summary>Tokens that must be won; fewer are not worth the cache that they cost.</summary>
        public int TokensMin { get; init; }

        /// <summary>Tools whose calls are left alone.</summary>
        public IReadOnlySet<string> Excluded { get; init; } = FrozenSet<string>.Empty;

        /// <summary>Whether the arguments of all cleared calls go, too.</summary>
        public bool ClearsInputs { get; init; }

        /// <summary>The same for the calls of some tools alone.</summary>
        public IReadOnlySet<string> InputsOf { get; init; } = FrozenSet<string>.Empty;

        public override bool IsDue(int tokens) => TokensTrigger is not { } most || tokens > most;

        public override bool IsWorth(int tokens) => tokens >= TokensMin;
    }

    /// <summary>One that is not done here.</summary>
    public sealed record Other(string Name) : ContextEdit(Name);
}
