using System.Globalization;
using Samovar.Engine;

namespace Samovar.Cli.Pull;

/// <summary>Downloads one file: goes on where it was cut, checks it, and only then gives it its name.</summary>
/// <remarks>
/// (1) A file of that name and hash is taken as it is. (2) Ask from the first byte that is missing on. (3) A connection that was cut, or is
/// silent for too long, is tried again, at longer and longer intervals, as long as bytes come. (4) It is what it should be, and a model.
/// </remarks>
internal sealed class Download(DownloadRequest request, TimeProvider time, DownloadBounds bounds)
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
        var (failed, most) = (0, part.Bytes);
        while (true)
        {
            try
            {
                if (await request.TryAsync(file, part, progress, userGone)) break; // :: 2
            }
            catch (PullException passing) when (passing.IsPassing)
            {
                failed = part.Bytes > most ? 1 : failed + 1; // :: 3
                most = Math.Max(most, part.Bytes); // what comes again and again is no progress
                if (failed >= bounds.TriesMax) throw;
                var delay = Delay(failed);
                progress.Say(string.Create(
                    CultureInfo.InvariantCulture, $"{passing.Message} Trying again in {delay.TotalSeconds:0.#} s."));
                await Task.Delay(delay, time, userGone);
            }
        }
        await CheckAsync(file, part, path, progress, userGone); // :: 4
        part.Finish();
        return true;
    }

    private TimeSpan Delay(int failed)
    {
        var delay = bounds.DelayMin * Math.Pow(2, failed - 1);
        return delay < bounds.DelayMax ? delay : bounds.DelayMax;
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

    private static async Task CheckAsync(
        ModelFile file, PartFile part, string path, IPullProgress progress, CancellationToken userGone)
    {
        if (file.Sha256 is { } wanted)
        {
            progress.Begin("Checking", file, 0, part.Bytes);
            var hash = await part.HashAsync(progress.Add, userGone);
            if (hash == wanted) return;
            part.Discard();
            throw new PullException($"{file.Name} came damaged and was deleted: its SHA-256 is {hash}, not {wanted}.");
        }
        if (part.Fault() is not { } fault) return;
        part.Discard();
        throw new PullException($"What {file.Address.Authority} sent as {file.Name} {fault}; it was deleted.");
    }
}
