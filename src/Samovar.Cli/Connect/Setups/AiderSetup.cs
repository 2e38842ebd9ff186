using Samovar.Cli.Connect.Edits;

namespace Samovar.Cli.Connect.Setups;

/// <summary>aider: the <c>.aider.conf.yml</c> of the user's folder.</summary>
internal sealed class AiderSetup : AgentSetup
{
    public override string Name => "aider";

    public override AgentPlan Plan(ConnectTarget target, AgentHome home, string? catalogue)
    {
        (string, string)[] keys =
        [
            ("model", $"model: {YamlEdit.Quote("openai/" + target.Model)}"),
            ("openai-api-base", $"openai-api-base: {YamlEdit.Quote(target.V1)}"),
            ("openai-api-key", $"openai-api-key: {YamlEdit.Quote(target.FileKey)}"), // the file names no variables
        ];
        return new AgentPlan(AgentWire.Chat, [new FilePlan(home.File(null, "", ".aider.conf.yml"), new YamlEdit(keys, null, [], []))], [],
            "Start aider.");
    }
}
