using System.Globalization;
using Samovar.Server.Hosting;

namespace Samovar.Cli.Edge;

/// <summary>An edge as settings of a server: one pool with one destination, which is waited for.</summary>
internal static class EdgeSettings
{
    public const int Port = 8788;
    private const string Pool = "Upstream:Pools:0", Destination = $"{Pool}:Destinations:0";

    /// <summary>What an edge has where nobody says otherwise.</summary>
    public static Dictionary<string, string?> Defaults() => new(StringComparer.OrdinalIgnoreCase)
    {
        ["Server:Port"] = Port.ToString(CultureInfo.InvariantCulture),
        ["Server:DataPath"] = new ServerOptions().DataPath + "-edge", // not a server's own, which may run beside it
        ["Logging:LogLevel:Default"] = "Warning",
        ["Http:KeepAliveInterval"] = "00:00:10",
        ["ContentIndex:AgeMax"] = "12:00:00",
        ["Upstream:AffinityPath"] = "",
        ["Upstream:BridgeMax"] = "00:05:00",
        ["Upstream:CircuitFailures"] = "1000", // there is nobody else to ask
        ["Upstream:OverdueMoves"] = "false",
        ["Turns:DurationMax"] = "01:00:00",
    };

    /// <summary>What the command line says.</summary>
    /// <param name="bridge">How long a link that is cut is waited for; null: as long as is usual.</param>
    /// <param name="keySetting">The setting that says where the edge's own key is, and its value; null: clients' keys go up.</param>
    public static Dictionary<string, string?> Of(EdgeTarget target, TimeSpan? bridge, (string Setting, string Value)? keySetting)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            [$"{Pool}:Name"] = "edge",
            [$"{Pool}:OpenPart"] = "0",
            [$"{Destination}:Name"] = "upstream",
            [$"{Destination}:Kind"] = target.Resumes ? "responses-link" : "responses-ws",
            [$"{Destination}:Dialect"] = target.Dialect,
            [$"{Destination}:BaseUrl"] = target.BaseUrl.ToString(),
            [$"{Destination}:Models:0"] = "*",
            [$"{Destination}:Deflate"] = "true",
            [$"{Destination}:Stores"] = "true",
            [$"{Destination}:PassesKeys"] = keySetting is null ? "true" : "false",
            ["Auth:PassKeysOn"] = keySetting is null ? "true" : "false",
        };
        if (keySetting is var (setting, value)) settings[$"{Destination}:{setting}"] = value;
        if (bridge is { } time) settings["Upstream:BridgeMax"] = time.ToString("c", CultureInfo.InvariantCulture);
        return settings;
    }
}
