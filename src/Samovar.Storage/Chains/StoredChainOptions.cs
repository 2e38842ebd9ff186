using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Storage.Chains;

/// <summary>How much of stored responses is kept on disk, and for how long.</summary>
public sealed class StoredChainOptions
{
    public const string Section = "StoredChains";

    /// <summary>How long a chain is kept after the newest response was added to it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3660.00:00:00")] public TimeSpan AgeMax { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Stored responses of one tenant; one more is refused.</summary>
    [Range(1L, 1_000_000_000L)] public long ResponsesMax { get; set; } = 1_000_000;

    /// <summary>Bytes of one tenant's stored responses, packed; what would pass it is refused.</summary>
    [Range(65_536L, 1L << 50)] public long BytesMax { get; set; } = 16L << 30;

    /// <summary>Responses from a chain's start to its newest.</summary>
    [Range(1, 1_000_000)] public int DepthMax { get; set; } = 10_000;

    /// <summary>How long a chain that is too old to be found lies on: turns that began before may still add to it. For as long nothing is
    /// removed by its age after a server's start, or after the database's clock was set.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")] public TimeSpan RemovalDelay { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often chains that are too old are looked for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")] public TimeSpan CleanupInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Rows that one transaction removes: writes of turns wait for no more than that.</summary>
    [Range(1, 100_000)] public int RemovalsMax { get; set; } = 200;

    /// <summary>Responses of a chain that are read at once.</summary>
    [Range(1, 100_000)] public int PageResponsesMax { get; set; } = 256;

    /// <summary>Bytes of a chain that are read at once; the one that passes it is the page's last.</summary>
    [Range(1L, 1L << 34)] public long PageBytesMax { get; set; } = 4L << 20;

    /// <summary>Pieces that are remembered as stored, so that they are not sent again; beyond it all are forgotten.</summary>
    [Range(0, 10_000_000)] public int KnownPiecesMax { get; set; } = 20_000;

    /// <summary>How long a count of a tenant's responses is believed where other servers add to it, too.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")] public TimeSpan TotalsAgeMax { get; set; } = TimeSpan.FromSeconds(30);
}

[OptionsValidator] public sealed partial class StoredChainOptionsValidator : IValidateOptions<StoredChainOptions>;
