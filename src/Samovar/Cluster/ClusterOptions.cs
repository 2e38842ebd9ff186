using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Cluster;

/// <summary>A server that is one of several nodes which share a database: how they reach each other, and keep watch over each
/// other.</summary>
public sealed class ClusterOptions
{
    public const string Section = "Cluster";

    /// <summary>Whether this server is one of several nodes that share a PostgreSQL. An address, a key or a name says so, too.</summary>
    public bool Enabled { get; set; }

    /// <summary>What this node is called, unlike all others of its database. Unset, the name of the machine and the port.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// Where the other nodes reach this one, such as <c>http://10.0.0.5:8787</c>. Unset, <c>Server:Host</c> and <c>Server:Port</c>, where
    /// those say it.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>What the nodes of a cluster know each other by, the same at all of them: 32 characters or more. Never shown.</summary>
    public string? Key { get; set; }

    /// <summary>A file that holds the key, instead of the setting itself.</summary>
    public string? KeyFile { get; set; }

    /// <summary>How long a connection to another node may take to begin.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")] public TimeSpan ConnectTimeMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the other nodes are waited for when one is asked for a response that it does not know.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")] public TimeSpan AskTimeMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a node says that it goes on, and looks at its peers.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:00:10")] public TimeSpan BeatInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a peer may be without its lock, while it connects again, before it is declared dead.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")] public TimeSpan LockGrace { get; set; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How long a peer that has its lock may say nothing before it is declared dead: one that stands still, or computes too
    /// much.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan SilenceMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long nobody is judged after the database was away or was started again: all others come back at different
    /// times.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")] public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>About how long a turn waits before it asks again for a chain that a node which drains is still at work on.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:00:10")] public TimeSpan HandOverPause { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a peer that runs a relayed turn may say nothing, not even that it is there, before the relay counts as
    /// broken.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:01:00")] public TimeSpan RelaySilenceMax { get; set; } = TimeSpan.FromSeconds(2.5);

    /// <summary>Turns of clients here that may run at other nodes at once. As many answers of theirs may be read besides: events of turns
    /// that run there, and what is asked about those.</summary>
    [Range(1, 1_000_000)] public int RelaysMax { get; set; } = 1000;
}

[OptionsValidator] public sealed partial class ClusterOptionsValidator : IValidateOptions<ClusterOptions>;
