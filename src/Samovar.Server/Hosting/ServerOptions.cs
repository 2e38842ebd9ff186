using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Samovar.Server.Auth;
using Samovar.Server.Settings;

namespace Samovar.Server.Hosting;

/// <summary>Where the server listens, where its data lives, how it ends.</summary>
internal sealed class ServerOptions
{
    public const string Section = "Server";

    /// <summary>Where to listen: an IP address, or <c>localhost</c>.</summary>
    [Required] public string Host { get; set; } = "127.0.0.1";

    /// <summary>The port to listen on; 0 takes a free one.</summary>
    [Range(0, 65_535)] public int Port { get; set; } = 8787;

    /// <summary>The only folder that is ever written to; made when something is written.</summary>
    [Required] public string DataPath { get; set; } = UserFolders.Current.Data;

    /// <summary>Allows listening beyond loopback without keys.</summary>
    public bool InsecureListen { get; set; }

    /// <summary>Allows core files and dumps when the process crashes; what was in its memory, conversations included, stands in
    /// them.</summary>
    public bool CrashFiles { get; set; }

    /// <summary>How long running turns may go on after the signal to stop.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan DrainTimeMax { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// When a connection whose other side is gone without a word is given up: how long what was sent may stay unacknowledged, and the
    /// probes of a silent connection unanswered.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:06", "01:00:00")] public TimeSpan ConnectionLostAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Connections that may be open at once, WebSockets and idle ones included; one more is closed at once. Unset, the files and
    /// connections that the process may have open (<c>ulimit -n</c>, <c>LimitNOFILE=</c>), less a quarter of them, at most 4,096, for
    /// everything else; with upstreams half of them, since each client may have one there.
    /// </summary>
    [Range(1, int.MaxValue)] public int? ConnectionsMax { get; set; }

    /// <summary><see cref="Host"/> as an IP address; null if it is a name.</summary>
    public IPAddress? Address() =>
        string.Equals(Host, "localhost", StringComparison.OrdinalIgnoreCase)
            ? IPAddress.Loopback
            : IPAddress.TryParse(Host, out var address) ? address : null;

    /// <summary>Whether no other machine reaches it.</summary>
    public bool IsOnLoopback() => Address() is { } address && IPAddress.IsLoopback(address);

    /// <summary>Where log files go that are not rooted: a data folder that was named has them, too.</summary>
    public string LogPath() => DataPath == UserFolders.Current.Data ? UserFolders.Current.Logs ?? DataPath : DataPath;
}

[OptionsValidator]
internal sealed partial class ServerOptionsValidator : IValidateOptions<ServerOptions>;

/// <summary>A file cannot hold what the server writes.</summary>
internal sealed class DataPathCheck : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options) => File.Exists(options.DataPath)
        ? ValidateOptionsResult.Fail($"Server:DataPath must be a folder; {Path.GetFullPath(options.DataPath)} is a file.")
        : ValidateOptionsResult.Success;
}

/// <summary>A bound that is never reached would leave the process without handles.</summary>
internal sealed class ConnectionsCheck : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options) =>
        options.ConnectionsMax is { } most && ProcessHandles.Max is { } handles && most > handles - ProcessHandles.OwnMin
            ? ValidateOptionsResult.Fail($"Server:ConnectionsMax {most} leaves too few of the {handles} files and connections that " +
                "this process may have open: allow more by ulimit -n or LimitNOFILE=, or leave the setting out.")
            : ValidateOptionsResult.Success;
}

/// <summary>Refuses to be open to a network without keys unless that is asked for.</summary>
internal sealed class ListenCheck(IConfiguration configuration) : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        if (string.IsNullOrEmpty(options.Host)) return ValidateOptionsResult.Skip; // its own rule says so
        if (options.Address() is not { } address)
            return ValidateOptionsResult.Fail($"Server:Host must be an IP address or 'localhost', not '{options.Host}'.");
        if (IPAddress.IsLoopback(address) || options.InsecureListen) return ValidateOptionsResult.Success;
        return configuration[$"{AuthOptions.Section}:{nameof(AuthOptions.KeyFile)}"] is { Length: > 0 }
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Server:Host {options.Host} lets others on the network in: give --key-file, or say --insecure-listen if that is wanted.");
    }
}
