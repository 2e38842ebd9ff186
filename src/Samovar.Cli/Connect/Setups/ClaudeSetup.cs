using System.Globalization;
using System.Text.Json;
using Samovar.Cli.Connect.Edits;

namespace Samovar.Cli.Connect.Setups;

/// <summary>Claude Code: variables in its <c>settings.json</c>.</summary>
internal sealed class ClaudeSetup : AgentSetup
{
    private const string Variables = "env";

    public override string Name => "claude";

    public override AgentPlan Plan(ConnectTarget target, AgentHome home, string? catalogue)
    {
        (string Name, string Value)[] variables =
        [
            ("ANTHROPIC_BASE_URL", target.Root),
            ("ANTHROPIC_AUTH_TOKEN", target.FileKey), // settings name no other variable: the key itself
            ("ANTHROPIC_MODEL", target.Model),
            ("ANTHROPIC_DEFAULT_OPUS_MODEL", target.Model),
            ("ANTHROPIC_DEFAULT_SONNET_MODEL", target.Model),
            ("ANTHROPIC_DEFAULT_HAIKU_MODEL", target.Model), // titles and summaries, too
            ("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", "1"),
            .. target.ContextTokens is { } tokens
                ? ((string, string)[])[("CLAUDE_CODE_MAX_CONTEXT_TOKENS", tokens.ToString(CultureInfo.InvariantCulture))] : [],
        ];
        var edit = new JsonEdit([.. variables.Select(one => (new[] { Variables, one.Name }, JsonSerializer.Serialize(one.Value)))]);
        return new AgentPlan(AgentWire.Messages, [new FilePlan(home.File("CLAUDE_CONFIG_DIR", ".claude", "settings.json"), edit)], [],
            "Start claude.");
    }
}
