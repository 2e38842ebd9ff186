using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Conversations;

/// <summary>What conversations count.</summary>
internal sealed class ConversationMetrics(IMeterFactory meters)
{
    public const string MeterName = "Samovar.Conversations";
    private readonly Counter<long> _opened = meters.Create(MeterName).CreateCounter<long>("samovar.conversations.opened", "{conversation}",
        "Conversations that were to be worked on, by outcome: turn, change (of their items), locked (somebody else worked on it).",
        Labels.Are(Labels.Outcome));

    /// <summary>Never throws.</summary>
    public void Opened(string outcome) =>
        GuardedLog.Write(() => _opened.Add(1, new KeyValuePair<string, object?>(Labels.Outcome, outcome)));
}
