using Samovar.Cli.Commands;
using Samovar.Testing;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Documents;

/// <summary>The help that the launcher gives without a build is what the program says.</summary>
public sealed class HelpPagesTests
{
    private static readonly string Folder = Path.Combine(SourceTree.Root, "launcher", "help");
    private static readonly string[] OfLauncher = ["package.txt", "samovar.txt", "setup.txt", "test.txt"];

    [Fact]
    public void Pages_AreWhatTheProgramSays()
    {
        var command = SamovarCommand.Create(TimeProvider.System, Shell.OfThisProcess);
        var pages = HelpPages.Of(command, command).ToDictionary(page => page.Name, page => page.Text);
        if (Environment.GetEnvironmentVariable("SAMOVAR_REGENERATE") == "1")
            foreach (var (name, text) in pages) File.WriteAllText(Path.Combine(Folder, name), text);
        foreach (var (name, text) in pages)
            Assert.True(File.Exists(Path.Combine(Folder, name)) && File.ReadAllText(Path.Combine(Folder, name)) == text,
                $"launcher/help/{name} is not what the command says; run the tests once with SAMOVAR_REGENERATE=1.");
        var left = Directory.EnumerateFiles(Folder).Select(file => Path.GetFileName(file)!)
            .Where(name => !pages.ContainsKey(name) && !OfLauncher.Contains(name) && !name.StartsWith("bench", StringComparison.Ordinal));
        Assert.Empty(left); // of a command that is no more
    }

    [Fact]
    public void FirstPage_NamesEveryCommand()
    {
        var page = File.ReadAllText(Path.Combine(Folder, "samovar.txt"));
        var all = SamovarCommand.Create(TimeProvider.System, Shell.OfThisProcess).Subcommands;
        foreach (var command in all.Where(command => !command.Hidden))
            Assert.Contains($"./samovar {command.Name} ", page, StringComparison.Ordinal);
    }
}
