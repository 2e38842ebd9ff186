using System.ComponentModel.DataAnnotations;

namespace Samovar.Cluster;

/// <summary>How nodes that share a database keep watch over each other.</summary>
public sealed class ClusterOptions
{
    public const string Section = "Cluster";

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

    /// <summary>Turns of clients here that may run at other nodes at once.</summary>
    [Range(1, 1_000_000)] public int RelaysMax { get; set; } = 1000;
}
