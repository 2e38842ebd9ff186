using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Samovar.Testing.Stores;

/// <summary>
/// A PostgreSQL server of a test's own, from the programs that the machine has: in a folder of its own, on a port of its own. It refuses to
/// run as root, so root runs it as another user.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    public const string Password = "kept-from-logs-4711";
    private readonly string _folder;
    private readonly string _programs;
    private readonly string[] _asUser;
    private readonly int _port = FreePort();
    private bool _isDurable;
    private Process? _process;

    private PostgresServer(string programs, string folder, string[] asUser) => (_programs, _folder, _asUser) = (programs, folder, asUser);

    public int Port => _port;

    /// <summary>With the password; each test takes a schema of its own.</summary>
    public string ConnectionString(string schema, int? port = null) => string.Create(CultureInfo.InvariantCulture,
        $"Host=127.0.0.1;Port={port ?? _port};Username=samovar;Password={Password};Database=postgres;Search Path={schema}");

    /// <param name="isDurable">Whether its commits wait for the disk; a test's need not.</param>
    /// <returns>The server, or why there can be none on this machine.</returns>
    public static async Task<(PostgresServer? Server, string Reason)> TryStartAsync(bool isDurable = false)
    {
        if (!OperatingSystem.IsLinux()) return (null, "a test starts PostgreSQL on Linux only");
        if (FindPrograms() is not { } programs) return (null, "PostgreSQL is not installed (Debian: apt-get install postgresql)");
        var folder = Path.Combine(Path.GetTempPath(), "samovar-pg-" + Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal));
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "password"), Password);
        var server = new PostgresServer(programs, folder, Environment.UserName == "root" ? await OtherUserAsync(folder) : [])
        {
            _isDurable = isDurable,
        };
        try
        {
            await server.MakeAsync();
            await server.StartAsync();
            return (server, "");
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async Task StartAsync()
    {
        string[] settings =
        [
            "listen_addresses=127.0.0.1", "unix_socket_directories=", _isDurable ? "fsync=on" : "fsync=off", "shared_buffers=32MB",
            "max_connections=100", "logging_collector=off",
        ];
        _process = Start([
            Path.Combine(_programs, "postgres"), "-D", Data, "-p", _port.ToString(CultureInfo.InvariantCulture),
            .. settings.SelectMany(setting => new[] { "-c", setting }),
        ]);
        await ReadyAsync();
    }

    /// <summary>As an operator does it: what is under way is broken off.</summary>
    public Task StopAsync() => EndAsync("INT");

    /// <summary>As a machine that fails.</summary>
    public Task KillAsync() => EndAsync("QUIT");

    /// <summary>It stands still, with all of its connections, and does not say so.</summary>
    public Task PauseAsync() => SignalAsync("STOP", [.. Family()]);

    public Task ResumeAsync() => SignalAsync("CONT", [.. Family()]);

    /// <summary>What it and the processes of its connections have used, those that have ended included.</summary>
    public TimeSpan ProcessorTime() => Family().Aggregate(TimeSpan.Zero, (sum, process) => sum + UsedBy(process));

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await SignalAsync("CONT", [.. Family()]);
            await EndAsync("QUIT");
        }
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private async Task MakeAsync() => await RunAsync([
        .. _asUser, Path.Combine(_programs, "initdb"), "-D", Data, "-U", "samovar", "-E", "UTF8", "--no-locale", "--no-sync",
        "--auth=scram-sha-256", "--pwfile=" + Path.Combine(_folder, "password"),
    ]);

    private async Task ReadyAsync()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("public") + ";Pooling=false;Timeout=2");
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (tries < 300 && !_process!.HasExited)
            {
                await Task.Delay(100);
            }
        }
    }

    private async Task EndAsync(string signal)
    {
        await SignalAsync(signal, _process!.Id);
        await _process.WaitForExitAsync();
    }

    private static Task<string> SignalAsync(string signal, params int[] processes) =>
        RunAsync(["kill", "-" + signal, .. processes.Select(process => process.ToString(CultureInfo.InvariantCulture))]);

    /// <summary>The server and the processes of its connections.</summary>
    private IEnumerable<int> Family() => Directory.GetDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) ? process : 0)
        .Where(process => process > 0 && ParentOf(process) == _process!.Id).Prepend(_process!.Id);

    private static int ParentOf(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has ended
        }
    }

    private static TimeSpan UsedBy(int process)
    {
        const int own = 11, waitedFor = 13; // user and system time of each stand side by side
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new[] { own, own + 1, waitedFor, waitedFor + 1 }.Aggregate(TimeSpan.Zero,
                (sum, at) => sum + (long.Parse(fields[at], CultureInfo.InvariantCulture) * TimeSpan.FromMilliseconds(10)));
        }
        catch (IOException)
        {
            return TimeSpan.Zero; // it has ended: its parent knows
        }
    }

    private static string? FindPrograms()
    {
        const string debian = "/usr/lib/postgresql";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(Directory.Exists(debian)
                ? Directory.GetDirectories(debian).OrderDescending().Select(folder => Path.Combine(folder, "bin")) : []);
        return folders.FirstOrDefault(folder => new[] { "initdb", "postgres" }.All(name => File.Exists(Path.Combine(folder, name))));
    }

    /// <summary>The user that Debian's package makes, or the one that owns nothing. The folder becomes theirs.</summary>
    private static async Task<string[]> OtherUserAsync(string folder)
    {
        var hasOwn = File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal));
        var user = hasOwn ? "postgres" : "nobody";
        await RunAsync(["chown", "-R", user, folder]);
        var group = (await RunAsync(["id", "-gn", user])).Trim();
        return ["setpriv", "--reuid=" + user, "--regid=" + group, "--clear-groups"];
    }

    private Process Start(string[] command)
    {
        string[] whole = [.. _asUser, .. command];
        var start = new ProcessStartInfo(whole[0], whole[1..])
        {
            WorkingDirectory = _folder, UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { }; // its log
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task<string> RunAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/",
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 || command[0] == "kill"
            ? await output : throw new InvalidOperationException($"{string.Join(' ', command)}: {errors}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
