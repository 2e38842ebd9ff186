namespace Samovar.Cli.Commands;

/// <summary>What the world around a command refused it, in one sentence: an output that cannot be written, a folder that is gone.</summary>
internal static class WorldFault
{
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static string Of(Exception exception) => HasWorkingFolder() ? $"It could not be done: {exception.Message}"
        : "The working folder is gone; change to one that is there.";

    private static bool HasWorkingFolder()
    {
        try { return Directory.GetCurrentDirectory().Length > 0; }
        catch (Exception exception) when (Is(exception)) { return false; }
    }
}
