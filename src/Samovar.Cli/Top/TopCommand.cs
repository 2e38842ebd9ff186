using System.CommandLine;
using System.Runtime.InteropServices;
using Samovar.Cli.Agents;
using Samovar.Server.Monitoring.Status;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Samovar.Cli.Top;

/// <summary><c>samovar top</c>: a running server on one screen, refreshed every second, until q or Ctrl+C.</summary>
internal static class TopCommand
{
    private const int PlainWidth = 160; // where nobody says how wide: a script's pipe
    private const int WidthMin = 20, HeightMin = 4, PlainRequests = 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1), KeyPoll = TimeSpan.FromMilliseconds(50);

    public static Command Create(TimeProvider time)
    {
        var server = new ServerChoice("A key; an operator's shows all tenants, the pools and the engine.", "--url");
        var once = new Option<bool>("--once") { Description = "Print one snapshot as plain text. [also unless the output is a terminal]" };
        var command = new Command("top", "Show what a running server does: sessions, pools, cache hits, bytes, the newest requests.");
        server.AddTo(command);
        command.Add(once);
        command.SetAction(async (parsed, userGone) =>
        {
            using var client = server.Open(parsed, static (address, key) => new StatusClient(address, key));
            return parsed.GetValue(once) || Console.IsOutputRedirected
                ? await PrintAsync(client, Console.Out, Console.Error, userGone)
                : await WatchAsync(client, time, userGone);
        });
        return command;
    }

    /// <summary>One snapshot.</summary>
    internal static async Task<int> PrintAsync(StatusClient client, TextWriter output, TextWriter error, CancellationToken userGone)
    {
        var (report, trouble) = await client.AskAsync(userGone);
        if (report is null)
        {
            await error.WriteLineAsync(Figures.Plain($"samovar: {trouble}"));
            return 1;
        }
        var width = Console.IsOutputRedirected ? PlainWidth : Math.Max(WidthMin, Console.WindowWidth);
        var text = TopTerminal.Text(TopScreen.Of(report, null, width, PlainRequests), width, withColours: false);
        foreach (var line in text.TrimEnd().Split('\n')) await output.WriteLineAsync(line.TrimEnd());
        return 0;
    }

    private static async Task<int> WatchAsync(StatusClient client, TimeProvider time, CancellationToken userGone)
    {
        using var quit = CancellationTokenSource.CreateLinkedTokenSource(userGone);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Quit);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Quit);
        using var terminal = new TopTerminal(Console.Out);
        StatusReport? before = null;
        try
        {
            while (!quit.IsCancellationRequested)
            {
                var (report, trouble) = await client.AskAsync(quit.Token);
                var (width, height) = (Math.Max(WidthMin, Console.WindowWidth), Math.Max(HeightMin, Console.WindowHeight));
                IRenderable screen = report is null
                    ? new Text(Figures.Plain(trouble)) : TopScreen.Of(report, before, width, height);
                terminal.Draw(screen, width, height);
                before = report ?? before;
                if (await IsQuitAsync(time, quit.Token)) break;
            }
        }
        catch (OperationCanceledException) { /* the user is gone */ }
        return 0;

        void Quit(PosixSignalContext signal)
        {
            signal.Cancel = true; // the terminal is given back first
            quit.Cancel();
        }
    }

    /// <summary>Waits for the next look; true when the user pressed q meanwhile.</summary>
    private static async Task<bool> IsQuitAsync(TimeProvider time, CancellationToken quit)
    {
        var since = time.GetTimestamp();
        do
        {
            while (!Console.IsInputRedirected && Console.KeyAvailable)
                if (Console.ReadKey(intercept: true).Key is ConsoleKey.Q or ConsoleKey.Escape) return true;
            await Task.Delay(KeyPoll, time, quit);
        }
        while (time.GetElapsedTime(since) < Every);
        return false;
    }
}
