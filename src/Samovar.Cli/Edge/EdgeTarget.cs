using Samovar.Cli.Agents;

namespace Samovar.Cli.Edge;

/// <summary>Where an edge's turns go, and how that is spoken to.</summary>
/// <param name="BaseUrl">With its path, such as <c>https://host/v1</c>.</param>
/// <param name="Dialect"><c>samovar</c>, <c>openai</c> or <c>xai</c>.</param>
internal sealed record EdgeTarget(Uri BaseUrl, string Dialect)
{
    public const string Example = "https://samovar.example/v1";
    public static readonly IReadOnlyList<string> Dialects = ["samovar", "openai", "xai"];

    /// <summary>Whether its answers can be read on where they were cut.</summary>
    public bool Resumes => Dialect == "samovar";

    /// <param name="dialect">Null: a provider that is known by its host, else a Samovar.</param>
    /// <exception cref="UsageException">It is no address.</exception>
    public static EdgeTarget Of(string address, string? dialect)
    {
        var url = ServerOption.Address("--to", address, Example);
        if (url.AbsolutePath == "/") url = new UriBuilder(url) { Path = "/v1" }.Uri;
        return new EdgeTarget(url, dialect ?? url.Host switch { "api.openai.com" => "openai", "api.x.ai" => "xai", _ => "samovar" });
    }
}
