using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;

namespace Samovar.Client.Chat;

/// <summary>Where a response that the server makes by itself is read on: its name, and the number of the newest event.</summary>
internal sealed class ResumeToken(string responseId, long last) : ResponseContinuationToken(Write(responseId, last))
{
    private const string Version = "samovar1";
    private const int CharsMax = 1024;

    public string ResponseId => responseId;
    public long Last => last;

    /// <summary>A token of this client's, also one that was kept as bytes.</summary>
    public static ResumeToken Of(ResponseContinuationToken token)
    {
        if (token is ResumeToken own) return own;
        var bytes = token.ToBytes().Span;
        var parts = bytes.Length > CharsMax ? [] : Encoding.UTF8.GetString(bytes).Split('\n');
        return parts is [Version, { Length: > 0 } id, var number]
            && long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var last) ? new ResumeToken(id, last)
            : throw new ArgumentException("The continuation token is not one of this client's.", nameof(token));
    }

    private static ReadOnlyMemory<byte> Write(string responseId, long last) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Version}\n{responseId}\n{last}"));
}
