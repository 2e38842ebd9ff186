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
}
