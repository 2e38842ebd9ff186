using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Samovar.Server.Http;

/// <summary>Ids in paths, as their clients mean them.</summary>
internal static class RouteIds
{
    private const string Slash = "%2F"; // the one escape that the server leaves in a path

    /// <summary>The id that stands for this name of the route's pattern.</summary>
    public static string Of(HttpContext http, string name)
    {
        var read = (string)http.Request.RouteValues[name]!;
        return read.Contains(Slash, StringComparison.OrdinalIgnoreCase) ? AsSent(http, name) ?? read : read;
    }

    /// <summary>From the path as it was sent: once read, an escaped slash and the text of its escape look the same.</summary>
    /// <returns>Null where the path was sent in more segments than it has.</returns>
    private static string? AsSent(HttpContext http, string name)
    {
        var pattern = ((RouteEndpoint)http.GetEndpoint()!).RoutePattern.PathSegments;
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var sent = target.Split('?', 2)[0].TrimStart('/').Split('/');
        if (sent.Length != pattern.Count) return null;
        for (var i = 0; i < sent.Length; i++)
            if (pattern[i].Parts is [RoutePatternParameterPart part] && part.Name == name) return Uri.UnescapeDataString(sent[i]);
        return null;
    }
}
