using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Cli.Connect.Edits;

namespace Samovar.Cli.Connect.Setups;

/// <summary>opencode: a provider of the Responses API in its <c>opencode.json</c>.</summary>
internal sealed class OpencodeSetup : AgentSetup
{
    private const int OutputTokens = 8192, ContextTokens = 32768;

    public override string Name => "opencode";

    public override AgentPlan Plan(ConnectTarget target, AgentHome home, string? catalogue)
    {
        var context = target.ContextTokens ?? ContextTokens;
        var provider = new JsonObject
        {
            ["npm"] = "@ai-sdk/openai", // in the program itself; it speaks Responses
            ["name"] = "Samovar",
            ["options"] = new JsonObject
            {
                ["baseURL"] = target.V1, ["apiKey"] = target.KeyName is { } name ? $"{{env:{name}}}" : target.FileKey,
            },
            ["models"] = new JsonObject
            {
                [target.Model] = new JsonObject
                {
                    ["name"] = target.Model,
                    ["limit"] = new JsonObject { ["context"] = context, ["output"] = Math.Min(OutputTokens, context / 2) },
                },
            },
        };
        var plain = home.Config("opencode", "opencode.json");
        var commented = home.Config("opencode", "opencode.jsonc");
        var isCommented = ConnectFile.IsConnected(commented) || (!File.Exists(plain) && File.Exists(commented));
        var path = isCommented && !ConnectFile.IsConnected(plain) ? commented : plain;
        var isTaken = !target.IsDefault && Said(path, "model") is { } now && !now.StartsWith("\"samovar/", StringComparison.Ordinal);
        var model = $"samovar/{target.Model}";
        (string[], string)[] properties =
        [
            (["provider", "samovar"], provider.ToJsonString()),
            .. isTaken ? ((string[], string)[])[] : [(["model"], JsonSerializer.Serialize(model))],
        ];
        return new AgentPlan(AgentWire.ResponsesHttp, [new FilePlan(path, new JsonEdit(properties))], [], isTaken
            ? $"opencode.json names another model already, which stays the default (--default replaces it). Start opencode -m {model}."
            : "Start opencode.");
    }
}
