using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Ids of the calls of one message, each once: a model may give several the same. Their results follow in order.</summary>
/// <param name="length">How many letters and digits they must be, and nothing else; 0 where they may be any. What fits stays.</param>
internal sealed class RoundIds(int length)
{
    private const string Signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private readonly Dictionary<string, int> _made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _answered = new(StringComparer.Ordinal);

    public string OfCall(string callId)
    {
        if (_answered.Count > 0) // the message before has its results
        {
            _made.Clear();
            _answered.Clear();
        }
        return Fitting(Next(_made, callId));
    }

    public string OfResult(string callId) => Fitting(Next(_answered, callId));

    /// <summary>Always the same of the same: a call and its result may be written apart.</summary>
    private string Fitting(string id)
    {
        if (length == 0 || (id.Length == length && id.All(char.IsAsciiLetterOrDigit))) return id;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        return string.Concat(hash.Take(length).Select(static one => Signs[one % Signs.Length]));
    }

    private static string Next(Dictionary<string, int> counts, string callId)
    {
        var count = counts[callId] = counts.GetValueOrDefault(callId) + 1;
        return count == 1 ? callId : string.Create(CultureInfo.InvariantCulture, $"{callId}_{count}");
    }
}
