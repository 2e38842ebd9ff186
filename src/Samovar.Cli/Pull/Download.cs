using Samovar.Engine;

namespace Samovar.Cli.Pull;

/// <summary>Downloads one file: goes on where it was cut, checks it, and only then gives it its name.</summary>
/// <remarks>
/// (1) A file of that name and hash is taken as it is. (2) Ask from the first byte that is missing on. (3) A connection that was cut, or is
/// silent for too long, is tried again, at longer and longer intervals, as long as bytes come. (4) It is what it should be, and a model.
/// </remarks>
internal sealed class Download(DownloadRequest request, Retries retries)
{
    /// <param name="path">Where it goes.</param>
    /// <returns>Whether anything was downloaded.</returns>
    /// <exception cref="PullException">It could not be had; what came is kept where it can be gone on with.</exception>
    public async Task<bool> RunAsync(ModelFile file, string path, IPullProgress progress, CancellationToken userGone)
    {
        using var part = PartFile.Open(path);
        if (File.Exists(path))
        {
            if (await IsTheSameAsync(file, path, progress, userGone)) // :: 1
            {
                part.Discard();
                return false;
            }
            progress.Say(file.Bytes is null && file.Sha256 is null
                ? $"Nobody says what {path} should be: it is downloaded again, and replaced."
                : $"{path} has another content and is replaced.");
        }
        await GetAsync(file, part, progress, userGone);
        part.Finish();
        return true;
    }

    private static async Task<bool> IsTheSameAsync(ModelFile file, string path, IPullProgress progress, CancellationToken userGone)
    {
        var bytes = new FileInfo(path).Length;
        if (file.Bytes is { } said && said != bytes || GgufFile.FaultOf(path) is not null) return false;
        if (file.Sha256 is null) return file.Bytes is not null;
        progress.Begin("Checking", file, 0, bytes);
        await using var there = File.OpenRead(path);
        return await ContentHash.OfAsync(there, progress.Add, userGone) == file.Sha256;
    }

    private async Task GetAsync(ModelFile file, PartFile part, IPullProgress progress, CancellationToken userGone)
    {
        for (var wasHere = part.Bytes > 0; ; wasHere = false)
        {
            await retries.RunAsync(
                async () => await request.TryAsync(file, part, progress, userGone), progress, () => part.Bytes, userGone); // :: 2-3
            if (await FaultOfAsync(file, part, progress, userGone) is not { } fault) return; // :: 4
            if (!wasHere)
            {
                part.Discard();
                throw new PullException($"{fault}; it was deleted.");
            }
            progress.Say($"{fault}: what was here is left out, it is downloaded from its beginning.");
            part.Begin(content: null);
        }
    }

    /// <summary>Why it is not what it should be; null where it is.</summary>
    private static async Task<string?> FaultOfAsync(ModelFile file, PartFile part, IPullProgress progress, CancellationToken userGone)
    {
        if (file.Sha256 is not { } wanted)
            return part.Fault() is { } fault ? $"What {file.Address.Authority} sent as {file.Name} {fault}" : null;
        progress.Begin("Checking", file, 0, part.Bytes);
        var hash = await part.HashAsync(progress.Add, userGone);
        return hash == wanted ? null : $"{file.Name} came damaged, its SHA-256 is {hash}, not {wanted}";
    }
}
