using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Samovar.Accounting;
using Samovar.Protocol.Ids;

namespace Samovar.Server.Page;

/// <summary>What the page calls connections and conversations, and when things were by the clock. Made when somebody looks.</summary>
internal sealed class PageNames(IdSource ids, TimeProvider time)
{
    private readonly ConditionalWeakTable<TurnOrigin, string> _sockets = [];
    private readonly long _anchor = time.GetTimestamp();
    private readonly DateTimeOffset _anchorAt = time.GetUtcNow();

    /// <summary>By <c>TimeProvider.GetTimestamp</c>.</summary>
    public long Now => time.GetTimestamp();

    public string OfSocket(TurnOrigin origin) => _sockets.GetValue(origin, _ => "ws_" + ids.Next());

    /// <summary>What HTTP requests have in common: what their client calls it, or the chain.</summary>
    public static string OfRequests(TenantId tenant, string? thread, ResponseId root)
    {
        var text = thread is null ? $"{tenant.Value}\0root\0{root.Value}" : $"{tenant.Value}\0thread\0{thread}";
        return "http_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..24];
    }

    public string OfRefused() => "refused_" + ids.Next();

    /// <summary>Milliseconds since 1970, the same each time.</summary>
    /// <param name="timestamp">By <c>TimeProvider.GetTimestamp</c>.</param>
    public double At(long timestamp)
    {
        var since = timestamp >= _anchor ? time.GetElapsedTime(_anchor, timestamp) : -time.GetElapsedTime(timestamp, _anchor);
        return Milliseconds(_anchorAt + since);
    }

    public static double Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds();
}
