using System.Globalization;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Ids of the calls of one message, each once: a model may give several the same. Their results follow in order.</summary>
internal sealed class RoundIds
{
    private readonly Dictionary<string, int> _made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _answered = new(StringComparer.Ordinal);

    public string OfCall(string callId)
    {
        if (_answered.Count > 0) // the message before has its results
        {
            _made.Clear();
            _answered.Clear();
        }
        return Next(_made, callId);
    }

    public string OfResult(string callId) => Next(_answered, callId);

    private static string Next(Dictionary<string, int> counts, string callId)
    {
        var count = counts[callId] = counts.GetValueOrDefault(callId) + 1;
        return count == 1 ? callId : string.Create(CultureInfo.InvariantCulture, $"{callId}_{count}");
    }
}
