using Samovar.Chains;
using Samovar.Protocol.Items;

namespace Samovar.Turns;

/// <summary>Whether a resent history was found among the chains that are held.</summary>
internal abstract record HistoryMatch
{
    private HistoryMatch() { }

    /// <summary>For the request's record.</summary>
    public abstract string Outcome { get; }

    /// <param name="Parent">The response that the history ends with.</param>
    /// <param name="Items">Items of the input that the chain holds; those after them are new.</param>
    /// <param name="Unsent">Reasoning of the chain that the client left out, or of which it sent the text only.</param>
    public sealed record Found(ChainNode Parent, int Items, IReadOnlySet<Item> Unsent) : HistoryMatch
    {
        public override string Outcome => Unsent.Count == 0 ? "content" : "content_without_reasoning";
    }

    public sealed record None(string Reason) : HistoryMatch
    {
        /// <summary>The input contains no earlier turn.</summary>
        public static readonly None NoHistory = new("no_history");

        /// <summary>No chain that is held says this.</summary>
        public static readonly None Unknown = new("unknown");

        /// <summary>Model, instructions, tools or privacy are others.</summary>
        public static readonly None Settings = new("settings");

        /// <summary>The reasoning is another, or was left out where it may not be.</summary>
        public static readonly None Reasoning = new("reasoning");

        /// <summary>The chain, with all that is kept of it, would hold more than it may; what the client sent does not.</summary>
        public static readonly None TooLarge = new("too_large");

        public override string Outcome => "none:" + Reason;
    }
}
