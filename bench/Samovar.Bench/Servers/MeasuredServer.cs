using System.Globalization;
using Samovar.Cli.Commands;

namespace Samovar.Bench.Servers;

/// <summary>
/// The server's own command line in this process, and beside it one question on the standard input: how many bytes are alive after a
/// full collection, which nobody can ask from outside. When that input ends, so does the process: it does not outlive the bench.
/// </summary>
internal static class MeasuredServer
{
    public const string LiveQuestion = "live";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var questions = Task.Factory.StartNew(Answer, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var exitCode = await SamovarCommand.RunAsync(arguments, TimeProvider.System);
        return questions.IsFaulted ? 1 : exitCode;
    }

    private static void Answer()
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line != LiveQuestion) continue;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var live = GC.GetTotalMemory(forceFullCollection: false);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{LiveQuestion}={live}"));
        }
        Environment.Exit(0);
    }
}
