using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Server.Settings;

namespace Samovar.Server.Hosting;

/// <summary>
/// Reads the settings again on SIGHUP, and takes over those that may change while the server runs: pools, and levels of logging. A
/// configuration with an error changes nothing, nor does one whose file is gone. SIGHUP that comes because the terminal was closed in which
/// the server runs stops it; one that was left running behind its terminal reads its settings again as any other.
/// </summary>
/// <param name="pools">Null for a server without upstreams.</param>
internal sealed partial class SettingsReload(
    IConfiguration configuration, IEnumerable<SettingsSection> sections, IHostApplicationLifetime lifetime,
    ILogger<SettingsReload> logger, TimeProvider time, PoolsReload? pools = null) : IHostedService, IDisposable
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromSeconds(30);
    private readonly Lock _applying = new(); // two signals may come at once
    private List<ReadFile> _files = ReadFile.Of(configuration); // those that what is in force was read from
    private volatile bool _hadTerminal = Terminal.IsThere;
    private PosixSignalRegistration? _signal;
    private ITimer? _terminal;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows()) return Task.CompletedTask;
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        if (_hadTerminal) _terminal = time.CreateTimer(_ => LookForTerminal(), null, TerminalInterval, TerminalInterval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _signal, null)?.Dispose();
        Interlocked.Exchange(ref _terminal, null)?.Dispose();
    }

    /// <returns>What is wrong with the new configuration; empty when it is in force.</returns>
    public IReadOnlyList<string> Apply()
    {
        try
        {
            lock (_applying) return Applied();
        }
        catch (InvalidDataException exception) { return [SentenceOf(exception)]; }
        catch (Exception exception) // the reload: out of a signal's handler it would end the process
        {
            return [exception.Message];
        }
    }

    private IReadOnlyList<string> Applied()
    {
        if (_files.FirstOrDefault(file => !file.Exists) is { } gone)
            return [$"There is no settings file {gone.PhysicalPath} any more."]; // read again, it would be empty
        var read = ReadAgain();
        if (SettingsCheck.Faults(read, sections) is { Count: > 0 } faults) return faults;
        if (pools?.Faults(read) is { Count: > 0 } errors) return errors;
        var made = pools?.Made(read); // what can fail comes first
        if (configuration is IConfigurationRoot root) root.Reload();
        if (made is not null) pools!.Apply(made);
        _files = ReadFile.Of(configuration);
        return [];
    }

    /// <summary>What is wrong with the file that the exception names; it may be newer than the server.</summary>
    private string SentenceOf(InvalidDataException exception) => ReadFile.Of(configuration)
        .FirstOrDefault(file => exception.Message.Contains(file.PhysicalPath, StringComparison.Ordinal)) is { } broken
        ? SettingsFile.Sentence(broken.PhysicalPath, exception) : exception.Message;

    /// <summary>The same sources once more, apart from those in use: levels of logging follow these at once.</summary>
    private IConfiguration ReadAgain()
    {
        if (configuration is not IConfigurationBuilder used) return configuration;
        var again = new ConfigurationBuilder();
        foreach (var source in used.Sources) again.Add(source);
        return again.Build();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true; // the default is to end the process
        if (_hadTerminal && !Terminal.IsThere)
        {
            Log.Closed(logger);
            lifetime.StopApplication();
            return;
        }
        var errors = Apply();
        if (errors.Count == 0) Log.Applied(logger, pools?.Count ?? 0);
        foreach (var error in errors) Log.Refused(logger, error);
    }

    /// <summary>A terminal that went without a signal has left the server behind on purpose.</summary>
    private void LookForTerminal()
    {
        if (Terminal.IsThere) return;
        _hadTerminal = false;
        Interlocked.Exchange(ref _terminal, null)?.Dispose();
    }

    /// <summary>A file that the configuration was read from.</summary>
    private sealed record ReadFile(IFileProvider Provider, string Path)
    {
        public bool Exists => Provider.GetFileInfo(Path).Exists;
        public string PhysicalPath => Provider.GetFileInfo(Path).PhysicalPath ?? Path;

        public static List<ReadFile> Of(IConfiguration configuration) =>
        [
            .. (configuration as IConfigurationRoot)?.Providers.OfType<FileConfigurationProvider>().Select(provider => provider.Source)
                .Where(source => source.FileProvider?.GetFileInfo(source.Path!).Exists == true)
                .Select(source => new ReadFile(source.FileProvider!, source.Path!)) ?? [],
        ];
    }

    /// <summary>The terminal that the process was started in, where it was started in one.</summary>
    private static class Terminal
    {
        public static bool IsThere
        {
            get
            {
                try
                {
                    using var terminal = File.OpenHandle("/dev/tty", share: FileShare.ReadWrite);
                    return true;
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    return false;
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8111, LogLevel.Information, "Configuration reloaded: {Pools} pools")]
        public static partial void Applied(ILogger logger, int pools);

        [LoggerMessage(8113, LogLevel.Information, "The terminal was closed: the server stops")]
        public static partial void Closed(ILogger logger);

        [LoggerMessage(8112, LogLevel.Error, "Kept the old configuration: {Error}")]
        public static partial void Refused(ILogger logger, string error);
    }
}
