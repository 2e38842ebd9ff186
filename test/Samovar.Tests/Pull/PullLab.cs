using Samovar.Cli.Pull;
using Samovar.Testing;
using Samovar.Testing.Models;

namespace Samovar.Tests.Pull;

/// <summary>A hub of models, and pulls from it into a folder.</summary>
public abstract class PullLab : IAsyncLifetime
{
    private protected static readonly byte[] Model = MadeModel();
    private protected static readonly DownloadBounds Hasty = new()
    {
        DelayMin = TimeSpan.FromMilliseconds(1), DelayMax = TimeSpan.FromMilliseconds(2),
    };

    private protected DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("samovar-pull-");
    private protected StringWriter Output { get; } = new();
    private protected StringWriter Error { get; } = new();
    private protected FakeHub Hub { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Hub = await new FakeHub().StartAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Hub.DisposeAsync();
        Folder.Delete(recursive: true);
    }

    private protected Task<int> PullAsync(
        string source, string? hash = null, string? token = null, Uri? hub = null, DownloadBounds? bounds = null) =>
        PullCommand.RunAsync(new PullWanted(source, hub ?? Hub.Address, Folder.FullName, hash, token), bounds ?? Hasty,
            TimeProvider.System, Output, Error, Soon.Token);

    private protected string PathOf(string name) => Path.Combine(Folder.FullName, name);

    private protected string[] Files() => Directory.GetFiles(Folder.FullName, "*", SearchOption.AllDirectories);

    private static byte[] MadeModel()
    {
        using var file = new MemoryStream();
        using (var writer = new GgufWriter(file))
        {
            writer.Add("general.architecture", "llama");
            writer.Describe("tea", WeightType.F32, 1 << 16);
            writer.Write((_, _, _, output) => output.Write(new byte[4 << 16]));
        }
        return file.ToArray();
    }
}
