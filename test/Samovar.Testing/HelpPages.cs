using System.CommandLine;
using System.Globalization;

namespace Samovar.Testing;

/// <summary>The pages of <c>launcher/help</c>, as the commands themselves say them.</summary>
public static class HelpPages
{
    private const string Extension = ".txt";

    /// <summary>Each command's page by its name: <c>config-check.txt</c>.</summary>
    /// <param name="names">The names of the commands above it that the page is called by.</param>
    public static IEnumerable<(string Name, string Text)> Of(Command root, Command command, params IReadOnlyList<string> names)
    {
        if (names.Count > 0) yield return (string.Join('-', names) + Extension, Help(root, names.Skip(root.Name == names[0] ? 1 : 0)));
        foreach (var child in command.Subcommands.Where(child => !child.Hidden))
            foreach (var page in Of(root, child, [.. names, child.Name])) yield return page;
    }

    private static string Help(Command root, IEnumerable<string> names)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        root.Parse([.. names, "--help"]).Invoke(new InvocationConfiguration { Output = output });
        return string.Join('\n', output.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).TrimEnd() + "\n";
    }
}
