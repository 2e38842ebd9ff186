namespace Samovar.Server.Hosting;

/// <summary>Whether a folder can be made and written, without making it: the nearest one above it that is there is tried.</summary>
internal static class WritableFolder
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    /// <summary>Why not, in words of the system; null where it can. A disk that hangs does not keep the caller.</summary>
    public static string? FaultOf(string path)
    {
        var trial = Task.Run(() => Try(path));
        return trial.Wait(AnswerMax) ? trial.Result : "it does not answer";
    }

    private static string? Try(string path)
    {
        try
        {
            var folder = Path.GetFullPath(path);
            while (!Path.Exists(folder) && Path.GetDirectoryName(folder) is { } above) folder = above;
            if (File.Exists(folder)) return $"{folder} is a file";
            var trial = Path.Combine(folder, $".samovar-{Path.GetRandomFileName()}"); // nobody else's, and no link that lies there
            using var file = new FileStream(
                trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message.TrimEnd('.');
        }
    }
}
