using System.Globalization;
using Samovar.Gateway.Tools;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>
/// Ids of calls as the Messages API takes them: letters, digits, <c>_</c> and <c>-</c>, at most 64, each once in a conversation. What fits
/// stays; the same history always gets the same ids, and a result always its call's.
/// </summary>
internal sealed class CallIds
{
    private readonly Dictionary<string, int> _made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _answered = new(StringComparer.Ordinal);

    /// <summary>The id of the next call.</summary>
    public string OfCall(string callId) => Fitting(callId, Next(_made, callId));

    /// <summary>The id of the call that the next result belongs to: every call has one, in the order of the calls.</summary>
    public string OfResult(string callId) => Fitting(callId, Math.Min(Next(_answered, callId), _made.GetValueOrDefault(callId)));

    /// <summary>Counts calls and results of messages that were made before.</summary>
    /// <param name="callIds">The calls in them.</param>
    /// <param name="openBefore">Those before them that they may have answered.</param>
    /// <param name="open">Those that they leave open.</param>
    public void Note(IReadOnlyList<string> callIds, IReadOnlyList<Item> openBefore, IReadOnlyList<Item> open)
    {
        foreach (var callId in callIds) Next(_made, callId);
        foreach (var callId in callIds.Concat(openBefore.Select(IdOf))) _answered[callId] = _made.GetValueOrDefault(callId);
        foreach (var callId in open.Select(IdOf)) _answered[callId] = _answered.GetValueOrDefault(callId) - 1;
    }

    private static string IdOf(Item call) => ((IToolCall)call).CallId!;

    private static int Next(Dictionary<string, int> counts, string callId) =>
        counts[callId] = counts.GetValueOrDefault(callId) + 1;

    private static string Fitting(string callId, int count) => count <= 1 ? FittingName.Of(callId)
        : FittingName.Marked(callId, string.Create(CultureInfo.InvariantCulture, $"{callId}\0{count}"));
}
