using Microsoft.AspNetCore.Http;

namespace Samovar.Server.Preferences;

/// <summary>What a client calls itself, for those who watch: one line of bounded length.</summary>
internal static class ClientName
{
    private const int LengthMax = 80;

    public static string? Of(HttpRequest request) => request.Headers.UserAgent.ToString() is { Length: > 0 } name
        ? name.Length <= LengthMax ? name : name[..LengthMax] : null;
}
