using Samovar.Cli.Agents;
using Samovar.Cli.Connect.Edits;

namespace Samovar.Cli.Connect.Setups;

/// <summary>Codex: a provider in its <c>config.toml</c>, and a profile that uses it (<c>codex -p samovar</c>).</summary>
/// <remarks>
/// It reads the server's catalogue only where <c>model_catalog_url</c> is set and the provider has a key of its own; without the
/// catalogue it
/// knows neither the length of conversations nor <c>apply_patch</c>. So a server that needs no key gets one all the same.
/// </remarks>
internal sealed class CodexSetup : AgentSetup
{
    private const string Provider = "samovar", Table = "model_providers." + Provider;

    /// <summary>Of the table, some of which stand for others.</summary>
    private static readonly string[] TableKeys =
        ["name", "base_url", "wire_api", "supports_websockets", "model_catalog_url", "env_key", "experimental_bearer_token"];

    public override string Name => "codex";

    public override AgentPlan Plan(ConnectTarget target, AgentHome home, string? catalogue)
    {
        var list = home.File("CODEX_HOME", ".codex", "samovar-models.json");
        (string, string)[] keys =
        [
            ("model", TomlEdit.Quote(target.Model)), ("model_provider", TomlEdit.Quote(Provider)),
            .. catalogue is null ? ((string, string)[])[] : [("model_catalog_json", TomlEdit.Quote(list))],
        ];
        var edit = new TomlEdit(keys, Table, Lines(target, catalogue), target.IsDefault) { TableKeys = TableKeys };
        var config = new FilePlan(home.File("CODEX_HOME", ".codex", "config.toml"), edit);
        var profile = new FilePlan(
            home.File("CODEX_HOME", ".codex", Provider + ".config.toml"), new TomlEdit(keys, null, [], ReplacesKeys: true));
        FilePlan[] files = [config, profile];
        if (catalogue is not null) files = [new FilePlan(list, new WholeFile(catalogue)), .. files];
        var isOther = !target.IsDefault && IsTaken(config.Path, edit);
        var command = isOther ? $"codex -p {Provider}" : "codex";
        return new AgentPlan(AgentWire.ResponsesSocket, files, [], (isOther
            ? "config.toml names another model already, which stays the default (--default replaces it). " : "")
            + $"Start {command}; it may only read until it is told -s workspace-write.");
    }

    private static bool IsTaken(string path, TomlEdit edit)
    {
        try { return ConnectFile.Read(path) is var file && edit.IsTaken(file.Text, file.Kept?.Written); }
        catch (UsageException) { return false; } // editing it says why
    }

    private static List<string> Lines(ConnectTarget target, string? catalogue) =>
    [
        $"[{Table}]",
        "name = \"Samovar\"",
        $"base_url = {TomlEdit.Quote(target.V1)}",
        "wire_api = \"responses\"",
        "supports_websockets = true",
        .. catalogue is null ? (string[])[$"model_catalog_url = {TomlEdit.Quote(target.V1 + "/models")}"] : [],
        target.KeyName is { } name ? $"env_key = {TomlEdit.Quote(name)}" : $"experimental_bearer_token = {TomlEdit.Quote(target.FileKey)}",
        "# codex may only read the folder it works in until it is told otherwise: codex -s workspace-write",
    ];
}
