using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Tools;

namespace Samovar.Tests.Hosting;

/// <summary>Commands of clients in a process of their own, and the signals that end them.</summary>
public sealed class ClientProcessTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-client-");

    public ClientProcessTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "sends signals, and looks into /proc");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Pull_ThatIsInterrupted_SaysHowItGoesOn()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var pull = Start("pull", $"http://{listener.LocalEndpoint}/tiny.gguf", "--to", _folder.FullName);
        using var client = await listener.AcceptTcpClientAsync(Soon.Token);
        await client.GetStream().ReadExactlyAsync(new byte[16], Soon.Token); // its request has begun
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nGGUF"), Soon.Token); // and no more
        await SignalAsync(pull, "INT");
        Assert.EndsWith("samovar: Stopped; the same command goes on from here.\n", await pull.StandardError.ReadToEndAsync(Soon.Token),
            StringComparison.Ordinal);
        await pull.WaitForExitAsync(Soon.Token);
        Assert.Equal(130, pull.ExitCode);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task Agent_ThatIsStopped_EndsItsCommand(string signal, int status)
    {
        var command = Path.Combine(_folder.FullName, "command");
        var call = """{"command":"echo $$ > new; mv new command; sleep 1000; echo"}""";
        await using var server = await RunningServer.StartAsync(new CallingBackend(Says.Call(null, "run", call)));
        using var agent = Start("agent", "do it", "--yes", "--dir", _folder.FullName, "--base-url", $"{server.Address}v1");
        await Soon.UntilAsync(() => File.Exists(command));
        var shell = (await File.ReadAllTextAsync(command, Soon.Token)).Trim();
        await SignalAsync(agent, signal);
        await agent.WaitForExitAsync(Soon.Token);
        Assert.Equal(status, agent.ExitCode);
        await Soon.UntilAsync(() => !Directory.Exists($"/proc/{shell}") || IsDead(shell));
    }

    [Fact]
    public async Task Agent_ThatIsStopped_EndsItsTurn()
    {
        var speaking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var backend = new ScriptedBackend(new IdSource())
        {
            OnPhase = async (_, phase, ends) =>
            {
                if (phase != ScriptPhase.Speaking) return;
                speaking.TrySetResult();
                await Task.Delay(Timeout.Infinite, ends);
            },
        };
        await using var server = await RunningServer.StartAsync(backend);
        using var agent = Start("agent", "[[final=for ever]]", "--yes", "--dir", _folder.FullName, "--base-url", $"{server.Address}v1");
        await Soon.In(speaking.Task);
        await SignalAsync(agent, "TERM");
        await Soon.UntilAsync(() => backend.Stopped == 1);
        await agent.WaitForExitAsync(Soon.Token);
        Assert.Equal((143, ""), (agent.ExitCode, await agent.StandardError.ReadToEndAsync(Soon.Token)));
    }

    /// <summary>A proxy of the environment, which nobody told to leave this machine out, would be shown the key.</summary>
    [Theory]
    [InlineData("top", "--once", "--key", "sk-a", "--server", "{server}")]
    [InlineData("agent", "[[final=done]]", "--yes", "--dir", "{folder}", "--base-url", "{server}v1")]
    public async Task OwnMachine_IsSpokenWith_WithoutAProxy(params string[] command)
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        using var client = StartIn([$"http_proxy=http://{proxy.LocalEndpoint}", $"all_proxy=http://{proxy.LocalEndpoint}"],
        [
            .. command.Select(word => word.Replace("{server}", server.Address.ToString(), StringComparison.Ordinal)
                .Replace("{folder}", _folder.FullName, StringComparison.Ordinal)),
        ]);
        await client.WaitForExitAsync(Soon.Token);
        Assert.True(client.ExitCode == 0, await client.StandardError.ReadToEndAsync(Soon.Token));
        Assert.False(proxy.Pending());
    }

    [Fact]
    public async Task Chat_ThatWaitsForALine_EndsAtTheFirstSignal()
    {
        using var chat = Start("chat", "--base-url", "http://127.0.0.1:9/v1");
        var seen = new StringBuilder();
        var letter = new char[1];
        while (!seen.ToString().EndsWith("> ", StringComparison.Ordinal) && await chat.StandardOutput.ReadAsync(letter, Soon.Token) > 0)
            seen.Append(letter);
        await SignalAsync(chat, "INT");
        await chat.WaitForExitAsync(Soon.Token);
        Assert.Equal(130, chat.ExitCode);
    }

    [Theory]
    [InlineData("samovar: It could not be done: No space left on device", "--help > /dev/full")]
    [InlineData("samovar: It could not be done: No space left on device", "--version > /dev/full")]
    [InlineData("samovar: The working folder is gone; change to one that is there.", "config check")]
    [InlineData("samovar: The working folder is gone; change to one that is there.", "agent fix")]
    public async Task WhatTheWorldRefuses_IsOneSentence(string expected, string command)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Samovar.Cli.dll");
        var line = $"mkdir gone && cd gone && {(expected.Contains("gone", StringComparison.Ordinal) ? "rmdir ../gone &&" : "")} " +
            $"exec dotnet {program} {command}";
        using var client = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line])
        {
            WorkingDirectory = _folder.FullName, RedirectStandardInput = true, RedirectStandardOutput = true,
            RedirectStandardError = true, UseShellExecute = false,
        })!;
        var said = await client.StandardError.ReadToEndAsync(Soon.Token);
        await client.WaitForExitAsync(Soon.Token);
        var ours = said.Split('\n').Where(static line => !line.Contains("getcwd", StringComparison.Ordinal)); // a shell's own words
        Assert.StartsWith(expected, string.Join('\n', ours).TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(1, client.ExitCode);
    }

    /// <summary>Whether it has ended, and nobody has looked yet.</summary>
    private static bool IsDead(string process)
    {
        try { return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal); }
        catch (IOException) { return true; }
    }

    /// <remarks>Nothing is typed, and the input stays open. Whoever runs the tests may have it that interrupts are passed over.</remarks>
    private static Process Start(params string[] arguments) => StartIn([], arguments);

    /// <param name="variables">Of its environment: <c>NAME=value</c>.</param>
    private static Process StartIn(string[] variables, string[] arguments) => Process.Start(new ProcessStartInfo("env",
        ["--default-signal=INT", .. variables, "dotnet", Path.Combine(AppContext.BaseDirectory, "Samovar.Cli.dll"), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!;

    private static async Task SignalAsync(Process process, string name)
    {
        using var kill = Process.Start("kill", ["-" + name, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Soon.Token);
    }
}
