using System.CommandLine;
using Samovar.Bench.Reports;
using Samovar.Bench.Reports.Pages;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Commands;

/// <summary>The whole case in one command: measured, put beside what was published, and shown.</summary>
internal static class ReportCommands
{
    public static IEnumerable<Command> All() => [Report()];

    private static Command Report()
    {
        var run = new Option<string?>("--run")
        {
            Description = "Folder of the run; one that was stopped goes on, one that is complete is shown. [artifacts/runs/report]",
            HelpName = "DIR",
        };
        var from = new Option<string?>("--from") { Description = "Measure nothing: show the run of this folder.", HelpName = "DIR" };
        var again = new Option<bool>("--again") { Description = "Delete the run of the folder and begin again." };
        var rounds = new Option<int>("--rounds")
        {
            Description = "Repetitions of everything.", DefaultValueFactory = _ => ReportRun.Rounds,
        };
        var json = new Option<string?>("--json") { Description = "Write everything as JSON; - is the standard output.", HelpName = "FILE" };
        var html = new Option<string?>("--html") { Description = "Write the page. [report.html in the run's folder]", HelpName = "FILE" };
        var docs = new Option<bool>("--docs")
        {
            Description = "Write the run into docs/benchmarks.md, docs/capacity.md and docs/bytes.svg.",
        };
        var model = new Option<string?>("--model")
        {
            Description = "GGUF of the engine; default: a random model of 15M parameters.", HelpName = "PATH",
        };
        var command = new Command("report", "Everything that was published about stateful continuation, measured: tables, JSON and a page.")
            { run, from, again, rounds, json, html, docs, model };
        command.SetAction((parsed, stop) => new ReportRun(
            parsed.GetValue(from) ?? parsed.GetValue(run) ?? TransportCommands.Artifact("runs", "report"), parsed.GetValue(rounds))
        {
            Measures = parsed.GetValue(from) is null, BeginsAgain = parsed.GetValue(again), Json = parsed.GetValue(json),
            Html = parsed.GetValue(html), WritesDocs = parsed.GetValue(docs), Model = parsed.GetValue(model),
        }.RunAsync(stop));
        return command;
    }
}
