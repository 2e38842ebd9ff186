using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>
/// Ids of calls as the Messages API takes them: letters, digits, <c>_</c> and <c>-</c>, at most 64, each once in a conversation. What fits
/// stays; the same history always gets the same ids, and a result always its call's.
/// </summary>
internal sealed class CallIds
{
    private const int LengthMax = 64, HashLength = 12;
    private readonly Dictionary<string, int> _made = new(StringComparer.Ordinal);

    /// <summary>The id of the next call.</summary>
    public string OfCall(string callId)
    {
        _made[callId] = _made.GetValueOrDefault(callId) + 1;
        return OfResult(callId);
    }

    /// <summary>The id of the newest call that was called so.</summary>
    public string OfResult(string callId) => Fitting(callId, _made.GetValueOrDefault(callId));

    /// <summary>Counts calls of messages that were made before.</summary>
    public void Note(IEnumerable<string> callIds)
    {
        foreach (var callId in callIds) _made[callId] = _made.GetValueOrDefault(callId) + 1;
    }

    private static string Fitting(string callId, int count)
    {
        if (count <= 1 && callId.Length is > 0 and <= LengthMax && callId.All(IsFitting)) return callId;
        var name = count <= 1 ? callId : string.Create(CultureInfo.InvariantCulture, $"{callId}\0{count}");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength];
        var start = string.Concat(callId.Take(LengthMax - HashLength - 1).Select(one => IsFitting(one) ? one : '_'));
        return $"{start}_{hash}";
    }

    private static bool IsFitting(char one) => char.IsAsciiLetterOrDigit(one) || one is '_' or '-';
}
