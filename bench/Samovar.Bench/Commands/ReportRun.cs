using Samovar.Bench.Reports;
using Samovar.Bench.Reports.Pages;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;
using Samovar.Bench.Workloads.Constants;
using Samovar.Engine;
using Samovar.Engine.Native;
using Samovar.Testing.Models;

namespace Samovar.Bench.Commands;

/// <summary>One run of <c>bench report</c>: measures what its folder does not have yet, then shows all of it.</summary>
/// <param name="Folder">Of the run.</param>
/// <param name="RoundCount">Repetitions of everything.</param>
internal sealed record ReportRun(string Folder, int RoundCount)
{
    /// <summary>Of the default run: the least that has a median between two others.</summary>
    public const int Rounds = 3;

    private const int AtOnce = 48, Interrupted = 130;
    private const string Command = "./samovar bench report", LibraryPath = "SAMOVAR_Engine__LibraryPath";

    public bool Measures { get; init; } = true;
    public bool BeginsAgain { get; init; }
    public string? Json { get; init; }
    public string? Html { get; init; }
    public bool WritesDocs { get; init; }
    public string? Model { get; init; }

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        if (!Measures && !Directory.Exists(Folder)) throw new InvalidOperationException($"There is no run in '{Folder}'.");
        if (Measures && BeginsAgain) RunFolder.Delete(Folder);
        try
        {
            if (Measures) await MeasureAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"stopped; the same command goes on with the run in {Folder}");
            return Interrupted;
        }
        await ShowAsync(ReportDocument.Of(RunFolder.Read(Folder)));
        return 0;
    }

    private async Task MeasureAsync(CancellationToken stop)
    {
        var library = Library();
        var model = Model ?? RandomModel.Ensure(TransportCommands.Artifact("models"), RandomModelSize.M15);
        var folder = RunFolder.Open(Folder, RunFacts.Here(Command + (RoundCount == Rounds ? "" : $" --rounds {RoundCount}"),
            TimeProvider.System) with
        {
            Model = library is null ? null : Path.GetFileNameWithoutExtension(model), Library = library,
        });
        if (library is null) await Console.Error.WriteLineAsync("libllama was not found: what needs the engine is left out");
        using var screen = Console.IsErrorRedirected ? null : new RunScreen(Console.Error, TimeProvider.System, () => Console.WindowWidth);
        IRunProgress progress = screen is null ? new RunLines() : screen;
        await new TransportWorkload(new ReportPlan(RoundCount, library is not null), folder, model, AtOnce, hasTls: false, progress)
            .RunAsync(stop);
        var small = RandomModel.Ensure(TransportCommands.Artifact("models"), RandomModelSize.Tiny);
        await new ConstantsWorkload(folder, library is null ? null : (model, small), RoundCount, progress.Says).RunAsync(stop);
    }

    /// <summary>The version of libllama; null where there is none.</summary>
    private static string? Library()
    {
        try
        {
            LlamaLibrary.Load(Environment.GetEnvironmentVariable(LibraryPath)); // as the servers find it
            return LlamaLibrary.Version;
        }
        catch (EngineLoadException)
        {
            return null;
        }
    }

    private async Task ShowAsync(ReportDocument report)
    {
        if (Json != "-") Console.Write(ReportText.Of(report));
        var page = Html ?? Path.Combine(Folder, "report.html");
        await File.WriteAllTextAsync(page, HtmlPage.Of(report));
        if (Json == "-") Console.WriteLine(System.Text.Encoding.UTF8.GetString(report.Json()));
        else if (Json is not null) await File.WriteAllBytesAsync(Json, report.Json());
        if (WritesDocs) DocumentedRun.Write(report, Path.GetDirectoryName(Path.GetFullPath(TransportCommands.Artifact()))!);
        await Console.Error.WriteLineAsync($"the page: {Path.GetFullPath(page)}");
    }
}
