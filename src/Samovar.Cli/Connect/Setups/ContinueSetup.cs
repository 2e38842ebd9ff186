using System.Globalization;
using Samovar.Cli.Connect.Edits;

namespace Samovar.Cli.Connect.Setups;

/// <summary>Continue: a model in its <c>config.yaml</c>, before the others.</summary>
internal sealed class ContinueSetup : AgentSetup
{
    public override string Name => "continue";

    public override AgentPlan Plan(ConnectTarget target, AgentHome home, string? catalogue)
    {
        string[] entry =
        [
            $"- name: {YamlEdit.Quote("Samovar " + target.Model)}",
            "  provider: openai",
            $"  model: {YamlEdit.Quote(target.Model)}",
            $"  apiBase: {YamlEdit.Quote(target.V1)}",
            $"  apiKey: {YamlEdit.Quote(target.FileKey)}",
            "  useResponsesApi: false",
            "  roles: [chat, edit, apply]",
            "  capabilities: [tool_use]",
            .. target.ContextTokens is { } tokens ? (string[])
                ["  defaultCompletionOptions:", $"    contextLength: {tokens.ToString(CultureInfo.InvariantCulture)}"] : [],
        ];
        var edit = new YamlEdit([], "models", entry, ["name: Samovar", "version: 1.0.0", "schema: v1"]);
        return new AgentPlan(AgentWire.Chat, [new FilePlan(home.File("CONTINUE_GLOBAL_DIR", ".continue", "config.yaml"), edit)], [],
            "Start cn, or the editor.");
    }
}
