using System.Globalization;
using Samovar.Cli.Commands;

namespace Samovar.Bench.Servers;

/// <summary>
/// The server's own command line in this process, and beside it two questions on the standard input that nobody can ask from outside: how
/// many bytes are alive after a full collection, and what it has allocated and waited for. When that input ends, so does the process: it
/// does not outlive the bench.
/// </summary>
internal static class MeasuredServer
{
    public const string LiveQuestion = "live", CostsQuestion = "costs";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var questions = Task.Factory.StartNew(Answer, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var exitCode = await SamovarCommand.RunAsync(arguments, TimeProvider.System, Shell.OfThisProcess);
        return questions.IsFaulted ? 1 : exitCode;
    }

    private static void Answer()
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line == LiveQuestion) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{LiveQuestion}={LiveBytes()}"));
            if (line == CostsQuestion) Console.WriteLine($"{CostsQuestion}={ProcessCosts.Text()}");
        }
        Environment.Exit(0);
    }

    private static long LiveBytes()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: false);
    }
}
