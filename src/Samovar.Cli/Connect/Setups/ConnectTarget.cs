namespace Samovar.Cli.Connect.Setups;

/// <summary>What an agent is to use.</summary>
/// <param name="Server">Where the server listens, without a path.</param>
/// <param name="Key">Null where the server needs none.</param>
/// <param name="KeyName">The environment variable that holds the key, where one was named: files then name it in its place.</param>
/// <param name="ContextTokens">How long its conversations may be, where the server says so.</param>
/// <param name="IsDefault">Whether it stands in for what the agent uses by default now.</param>
internal sealed record ConnectTarget(Uri Server, string? Key, string? KeyName, string Model, int? ContextTokens, bool IsDefault)
{
    /// <summary>What clients that need a key send to a server that needs none.</summary>
    public const string NoKey = "none";

    public string Root => RootOf(Server);
    /// <summary>The address that all routes begin with, whether or not it was given with their first part.</summary>
    public static string RootOf(Uri server)
    {
        var path = server.AbsolutePath.TrimEnd('/');
        if (path.EndsWith("/v1", StringComparison.Ordinal)) path = path[..^"/v1".Length];
        return server.GetLeftPart(UriPartial.Authority) + path;
    }

    public string V1 => Root + "/v1";

    /// <summary>The key as it stands in a file.</summary>
    public string FileKey => Key ?? NoKey;
}
