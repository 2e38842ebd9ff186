using System.Globalization;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Json;

namespace Samovar.Server.Peers;

/// <summary>Errors of other nodes as this one's: by their codes from the one catalogue.</summary>
internal static class PeerErrors
{
    private static readonly ProtocolLimits Limits = ProtocolLimits.Default;

    /// <param name="json">The body of an answer, or an event.</param>
    /// <param name="status">The answer's; null where the text itself says it.</param>
    /// <param name="retryAfter">The answer's header.</param>
    /// <returns>Null where it is no error of a node: a page of something between, or the word of one that knows nothing of clusters, or
    /// not this one's key.</returns>
    public static ApiException? Read(ReadOnlyMemory<byte> json, int? status = null, string? retryAfter = null)
    {
        if (!EventReader.TryRead(json, Limits, out var read) || read.Error is not { Code: { Length: > 0 } code } error) return null;
        if (code == Errors.UnknownUrl.Code || code == Errors.MethodNotAllowed.Code || code == Errors.ForeignHost.Code) return null;
        var kind = KindOf(code, error.Type, status ?? error.Status, error.Message);
        return ApiException.With(kind, error.Message, error.Param, error.RetryAfter ?? Wait(retryAfter));
    }

    /// <summary>A code that this version does not know is no fault of the client's.</summary>
    private static ErrorKind KindOf(string code, string? type, int? status, string message)
    {
        var rows = Errors.All.Where(kind => kind.Code == code && (status is null || kind.Status == status)).ToList();
        return rows.Find(kind => kind.Type == type && Begins(message, kind.Message)) ?? rows.Find(kind => kind.Type == type)
            ?? rows.FirstOrDefault() ?? Errors.Internal;
    }

    /// <summary>Rows may have one code: the text tells them apart, up to its first place.</summary>
    private static bool Begins(string message, string template) =>
        message.StartsWith(template.Split('{')[0], StringComparison.Ordinal);

    private static TimeSpan? Wait(string? retryAfter) =>
        int.TryParse(retryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
}
