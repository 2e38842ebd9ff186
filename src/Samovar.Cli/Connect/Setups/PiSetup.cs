using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Cli.Connect.Edits;

namespace Samovar.Cli.Connect.Setups;

/// <summary>pi: a provider in its <c>models.json</c>, and the default in its <c>settings.json</c>.</summary>
internal sealed class PiSetup : AgentSetup
{
    private const int OutputTokens = 8192, ContextTokens = 32768;
    private const string Folder = ".pi/agent", Variable = "PI_CODING_AGENT_DIR";

    public override string Name => "pi";

    public override AgentPlan Plan(ConnectTarget target, AgentHome home, string? catalogue)
    {
        var context = target.ContextTokens ?? ContextTokens;
        var provider = new JsonObject
        {
            ["baseUrl"] = target.V1,
            ["api"] = "openai-responses",
            ["apiKey"] = target.KeyName is { } name ? "$" + name : Literal(target.FileKey),
            ["compat"] = new JsonObject { ["sessionAffinityFormat"] = "openai" }, // it says which session a request belongs to
            ["models"] = new JsonArray(new JsonObject
            {
                ["id"] = target.Model, ["contextWindow"] = context, ["maxTokens"] = Math.Min(OutputTokens, context / 2),
            }),
        };
        var models = new JsonEdit([(["providers", "samovar"], provider.ToJsonString())]);
        var defaults = new JsonEdit([(["defaultProvider"], "\"samovar\""), (["defaultModel"], JsonSerializer.Serialize(target.Model))]);
        var settings = home.File(Variable, Folder, "settings.json");
        var isTaken = !target.IsDefault && Said(settings, "defaultProvider") is { } now && now != "\"samovar\"";
        FilePlan[] files = [new FilePlan(home.File(Variable, Folder, "models.json"), models)];
        return new AgentPlan(AgentWire.ResponsesHttp, isTaken ? files : [.. files, new FilePlan(settings, defaults)], [], isTaken
            ? $"settings.json names another provider already, which stays the default (--default replaces it). Start pi --provider samovar."
            : "Start pi.");
    }

    /// <summary>A key that is not taken for the name of a variable, nor for a command.</summary>
    private static string Literal(string key) =>
        key.Replace("$", "$$", StringComparison.Ordinal) is ['!', ..] said ? "$" + said : key.Replace("$", "$$", StringComparison.Ordinal);
}
