using Samovar.Engine;
using Samovar.Escaping;
using Samovar.Server.Hosting;

namespace Samovar.Cli.Commands;

/// <summary>What the screen shows when the first request can be served.</summary>
internal static class ReadyNote
{
    private static readonly string Found =
        $" from the models folder; for a model of your own: {Installation.Current.Command} serve --model PATH.gguf";

    /// <param name="isFound">Whether the model was found, not named: the note then says how to name one.</param>
    /// <param name="store">What to say of where stored responses are kept.</param>
    /// <param name="hasPage">Whether a browser is shown a page there.</param>
    /// <param name="state">What to say of where their KV state is kept; null: nothing.</param>
    /// <param name="device">What the embedded engine computes on; null where there is none.</param>
    public static void Write(
        TextWriter output, string url, IReadOnlyList<string> models, bool isFound, string store, bool hasPage, string? state = null,
        DeviceFacts? device = null)
    {
        var names = models.Select(ForeignText.OneLine).ToList(); // a model's file says what it is called
        var model = names.Count > 0 ? names[0] : "model";
        var kept = state is null ? "" : $"\n{state}";
        output.WriteLine($"""
            Samovar is ready on {url}
            serving {(models.Count > 0 ? string.Join(", ", names) : "whatever its upstreams serve")}{(isFound ? Found : "")}{Line(device)}
            {store}{kept}{(hasPage ? $"\nwatch it at {url}/" : "")}

            Codex, in ~/.codex/config.toml:
              model = "{model}"
              model_provider = "samovar"
              [model_providers.samovar]
              name = "Samovar"
              base_url = "{url}/v1"
              wire_api = "responses"
              supports_websockets = true

            OpenAI SDKs: base URL {url}/v1, any API key, model "{model}"
            Press Ctrl+C to stop it.
            """);
        output.Flush();
    }

    private static string Line(DeviceFacts? device) => device is null ? ""
        : $"\non {ForeignText.OneLine(DeviceNote.Of(device))}{(device.Warning is { } warning ? $" ({ForeignText.OneLine(warning)})" : "")}";
}
