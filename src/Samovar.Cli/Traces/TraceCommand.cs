using System.CommandLine;
using System.Text;
using Samovar.Cli.Agents;
using Samovar.Escaping;

namespace Samovar.Cli.Traces;

/// <summary><c>samovar trace</c>: where one turn's time went.</summary>
internal static class TraceCommand
{
    private const int PlainWidth = 120, WidthMin = 60; // where nobody says how wide: a script's pipe

    public static Command Create()
    {
        var server = new ServerChoice(TraceClient.WhoseKey);
        var response = new Argument<string>("response") { Description = TraceClient.WhichResponse };
        var chrome = new Option<string?>("--chrome") { Description = "Write it to this file, for ui.perfetto.dev." };
        var otlp = new Option<string?>("--otlp") { Description = "Write it to this file as OTLP/JSON, for a collector's /v1/traces." };
        var json = new Option<bool>("--json") { Description = "Print the trace as JSON." };
        var command = new Command("trace", "Show where one turn's time went, to the microsecond.");
        command.Add(response);
        server.AddTo(command);
        foreach (var option in (Option[])[chrome, otlp, json]) command.Add(option);
        command.SetAction(async (parsed, userGone) =>
        {
            using var client = server.Open(parsed, static (address, key) => new TraceClient(address, key));
            var wanted = new TraceWanted(
                parsed.GetValue(response)!, parsed.GetValue(chrome), parsed.GetValue(otlp), parsed.GetValue(json), Width());
            return await RunAsync(client, wanted, Console.Out, Console.Error, userGone);
        });
        return command;
    }

    /// <returns>0 well, 1 there is no trace or it could not be written.</returns>
    internal static async Task<int> RunAsync(
        TraceClient client, TraceWanted wanted, TextWriter output, TextWriter error, CancellationToken userGone)
    {
        if (wanted.Chrome is { } chrome && await WriteAsync(client, wanted.Response, "chrome", chrome, userGone) is { } noChrome)
            return Complaint.Fail(error, noChrome);
        if (wanted.Otlp is { } otlp && await WriteAsync(client, wanted.Response, "otlp", otlp, userGone) is { } noOtlp)
            return Complaint.Fail(error, noOtlp);
        var (json, trouble) = await client.AskAsync(wanted.Response, "json", userGone);
        if (json is null) return Complaint.Fail(error, trouble!);
        if (wanted.IsJson)
        {
            await output.WriteLineAsync(Encoding.UTF8.GetString(json));
            return 0;
        }
        if (TraceClient.Read(json) is not { } trace)
            return Complaint.Fail(error, Complaint.Unreadable);
        foreach (var line in TraceWaterfall.Lines(trace, wanted.Width)) await output.WriteLineAsync(ForeignText.OneLine(line));
        if (wanted.Chrome is not null) await output.WriteLineAsync($"Written to {wanted.Chrome}: open it at https://ui.perfetto.dev.");
        if (wanted.Otlp is not null) await output.WriteLineAsync($"Written to {wanted.Otlp}.");
        return 0;
    }

    private static async Task<string?> WriteAsync(
        TraceClient client, string response, string format, string path, CancellationToken userGone)
    {
        var (trace, trouble) = await client.AskAsync(response, format, userGone);
        if (trace is null) return trouble;
        try { await File.WriteAllBytesAsync(path, trace, userGone); }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"{path} cannot be written: {exception.Message.TrimEnd('.')}.";
        }
        return null;
    }

    private static int Width() => Console.IsOutputRedirected ? PlainWidth : Math.Max(WidthMin, Console.WindowWidth);
}

/// <summary>What somebody wants of a trace.</summary>
/// <param name="Chrome">A file for Perfetto; null: none.</param>
/// <param name="Otlp">A file for a collector; null: none.</param>
/// <param name="IsJson">Whether it is printed as it came.</param>
internal sealed record TraceWanted(string Response, string? Chrome, string? Otlp, bool IsJson, int Width);
