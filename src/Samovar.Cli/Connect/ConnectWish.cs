using Samovar.Cli.Connect.Setups;

namespace Samovar.Cli.Connect;

/// <summary>What was asked for.</summary>
/// <param name="Model">Null takes the first that the server lists.</param>
/// <param name="IsDefault">Whether it stands in for what the agent uses by default now.</param>
/// <param name="HasCatalogueFile">Whether the server's catalogue is to be in a file.</param>
internal sealed record ConnectWish(AgentSetup Agent, string? Model, bool IsDefault, bool HasCatalogueFile)
{
    public bool OnlyPrints { get; init; }
    public bool IsAgreed { get; init; }
    public bool Checks { get; init; }
    public string? KeyName { get; init; }
}
