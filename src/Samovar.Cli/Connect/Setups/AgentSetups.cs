namespace Samovar.Cli.Connect.Setups;

/// <summary>The agents that can be connected.</summary>
internal static class AgentSetups
{
    public static readonly IReadOnlyList<AgentSetup> All =
    [
        new CodexSetup(), new ClaudeSetup(), new OpencodeSetup(), new PiSetup(), new ClineSetup(), new AiderSetup(), new ContinueSetup(),
        new EnvSetup(),
    ];
}
