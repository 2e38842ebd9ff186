using System.Runtime.CompilerServices;
using Samovar.Bench.Commands;
using Samovar.Testing;
using Xunit;

namespace Samovar.Bench.Tests;

public sealed class HelpPagesTests
{
    [Fact]
    public void Pages_AreWhatTheBenchmarksSay()
    {
        var bench = BenchCommand.Create();
        foreach (var (name, text) in HelpPages.Of(bench, bench, bench.Name))
        {
            var path = Path.Combine(Folder(), name);
            if (Environment.GetEnvironmentVariable("SAMOVAR_REGENERATE") == "1") File.WriteAllText(path, text);
            Assert.True(File.Exists(path) && File.ReadAllText(path) == text,
                $"launcher/help/{name} is not what the command says; run the tests once with SAMOVAR_REGENERATE=1.");
        }
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "launcher", "help"));
}
