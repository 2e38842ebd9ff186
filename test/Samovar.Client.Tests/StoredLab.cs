namespace Samovar.Client.Tests;

/// <summary>A server with a store that outlives it, which background responses need.</summary>
internal sealed class StoredLab : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private StoredLab(Lab lab, DirectoryInfo folder) => (Lab, _folder) = (lab, folder);

    public Lab Lab { get; }

    public static async Task<StoredLab> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("samovar-client-");
        var settings = new Dictionary<string, string?> { ["Store:Kind"] = "sqlite", ["Server:DataPath"] = folder.FullName };
        return new StoredLab(await Lab.StartAsync(settings), folder);
    }

    public async ValueTask DisposeAsync()
    {
        await Lab.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
