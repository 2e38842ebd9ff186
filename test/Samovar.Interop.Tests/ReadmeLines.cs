using System.Text.RegularExpressions;

namespace Samovar.Interop.Tests;

/// <summary>The lines of the README that a user copies, as they stand there.</summary>
internal static partial class ReadmeLines
{
    private const string Address = "http://127.0.0.1:8787/";

    /// <summary>The lines for Codex's <c>config.toml</c>, with the address of this server.</summary>
    public static async Task<string> CodexConfigAsync(Uri server)
    {
        var lines = (await ReadAsync()).Split("```toml\n")[1].Split("```")[0];
        Assert.Contains(Address, lines, StringComparison.Ordinal);
        return lines.Replace(Address, server.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The same, and around them what would leave the machine is switched off.</summary>
    /// <param name="server">Where it listens.</param>
    /// <param name="beside">Further lines of the first table.</param>
    public static async Task<string> QuietCodexConfigAsync(Uri server, string beside = "") => $"""
        check_for_update_on_startup = false
        {beside}
        {await CodexConfigAsync(server)}
        [analytics]
        enabled = false
        [features]
        plugins = false
        apps = false
        """;

    /// <summary>The command that gives Codex a task, with this task between its quotes.</summary>
    public static async Task<string> CodexCommandAsync(string task)
    {
        var written = CodexCommand().Match(await ReadAsync());
        Assert.True(written.Success, "The README has no command `codex exec … \"task\"`.");
        return $"{written.Groups["start"].Value}'{task.Replace("'", "'\\''", StringComparison.Ordinal)}'{written.Groups["end"].Value}";
    }

    private static Task<string> ReadAsync() => File.ReadAllTextAsync(Path.Combine(InteropPaths.Root, "README.md"));

    [GeneratedRegex("`(?<start>codex exec [^`\"]*)\"[^`\"]*\"(?<end>[^`\"]*)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodexCommand();
}
