namespace Samovar.Bench.Clients;

/// <summary>Where a server takes requests: behind its own path, or behind <c>/v1</c> where it has none.</summary>
internal static class ResponsesAddress
{
    /// <param name="server">Such as <c>http://127.0.0.1:8787/v1</c>.</param>
    /// <param name="name">What stands behind that.</param>
    public static Uri Of(Uri server, string name = "responses")
    {
        var path = server.AbsolutePath.TrimEnd('/');
        return new UriBuilder(server) { Path = (path.Length == 0 ? "/v1" : path) + "/" + name, Query = "" }.Uri;
    }
}
