using Samovar.Testing.Servers;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Meaning;

/// <summary>The whole server with the model that the repository ships: what it answers shows whether the conversation was kept.</summary>
internal static class PocketServer
{
    public static string ModelPath => Path.Combine(SourceTree.Root, "models", "pocket", "pocket.gguf");

    /// <param name="more">Settings beside the model's, or instead of them.</param>
    public static Task<RunningServer> StartAsync(params IEnumerable<(string Key, string Value)> more)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Engine:ModelPath"] = ModelPath, ["Engine:ContextTokens"] = "8192", ["Engine:Streams"] = "2", ["Engine:Threads"] = "1",
        };
        foreach (var (key, value) in more) settings[key] = value;
        return RunningServer.StartAsync(null, settings);
    }
}
