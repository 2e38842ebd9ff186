using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Cli.Connect.Edits;

namespace Samovar.Cli.Connect.Setups;

/// <summary>cline: its provider of servers that are like OpenAI's, in the <c>providers.json</c> of its data.</summary>
internal sealed class ClineSetup : AgentSetup
{
    private const string Provider = "openai-compatible";

    public override string Name => "cline";

    public override AgentPlan Plan(ConnectTarget target, AgentHome home, string? catalogue)
    {
        var settings = new JsonObject
        {
            ["provider"] = Provider, ["apiKey"] = target.FileKey, ["model"] = target.Model, ["baseUrl"] = target.V1,
        };
        var entry = new JsonObject
        {
            ["settings"] = settings,
            ["updatedAt"] = "2026-01-01T00:00:00.000Z", // it must be there; nothing goes by it
            ["tokenSource"] = "manual",
        };
        var edit = new JsonEdit(
        [
            (["version"], "1"),
            (["lastUsedProvider"], JsonSerializer.Serialize(Provider)),
            (["providers", Provider], entry.ToJsonString()),
        ])
        {
            Frame = ["version", "updatedAt"],
        };
        var file = home.File("CLINE_DATA_DIR", ".cline/data", "settings", "providers.json");
        return new AgentPlan(AgentWire.Chat, [new FilePlan(file, edit)], [], "Start cline.");
    }
}
