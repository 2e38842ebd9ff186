using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Prefixes;

/// <summary>Starts of conversations that are kept warm: how many, how large, for how long, and which from the start.</summary>
public sealed class PrefixesOptions
{
    public const string Section = "Prefixes";

    /// <summary>How long a prefix is kept beyond its last use, where whoever warmed it does not say.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")] public TimeSpan Keep { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The longest that may be asked for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")] public TimeSpan KeepMax { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Prefixes that are kept at once, of all tenants.</summary>
    [Range(1, 1024)] public int CountMax { get; set; } = 64;

    /// <summary>Of these, one tenant's.</summary>
    [Range(1, 1024)] public int TenantMax { get; set; } = 32;

    /// <summary>
    /// The part of <c>Engine:ParkedBytesMax</c> that a model's kept prefixes may take together. What conversations need beyond the other
    /// part they may still take from it: kept prefixes go last, and are computed again by whoever begins with them next.
    /// </summary>
    [Range(0.0, 0.9)] public double MemoryShare { get; set; } = 0.5;

    /// <summary>Of that, the part of one tenant, where there are several.</summary>
    [Range(0.0, 1.0)] public double TenantShare { get; set; } = 0.5;

    /// <summary>The shortest prefix in tokens.</summary>
    [Range(1, 1 << 20)] public int TokensMin { get; set; } = 32;

    /// <summary>Starts that conversations share without having been warmed: so many of a model's are listed at most.</summary>
    [Range(0, 256)] public int SharedMax { get; set; } = 32;

    /// <summary>Prefixes that are warmed when the server starts, by their names.</summary>
    public Dictionary<string, WarmPrefixOptions> Warm { get; } = new(StringComparer.Ordinal);
}

/// <summary>A prefix that is warmed when the server starts.</summary>
public sealed class WarmPrefixOptions
{
    /// <summary>A file with the JSON body of a request that begins so: of Responses, Chat Completions or Messages.</summary>
    public string? File { get; set; }

    /// <summary>The same body itself, as a text, in place of a file.</summary>
    public string? Body { get; set; }

    /// <summary>Which protocol the body is of; default: it shows.</summary>
    [RegularExpression("^(responses|chat_completions|messages)$")] public string? Protocol { get; set; }

    /// <summary>The model, where it is not the one that the body names. It is loaded where it is not.</summary>
    public string? Model { get; set; }

    /// <summary>Whose it is: nobody else finds it. Must be given where keys are needed.</summary>
    public string? Tenant { get; set; }

    /// <summary>How long it is kept beyond its last use; default: as long as the server runs.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")] public TimeSpan? Keep { get; set; }

    /// <summary>Whether its state may be written to files, where there are such (<c>Engine:DiskBytesMax</c>), and so comes back after a
    /// restart; default: as the body's <c>store</c> says.</summary>
    public bool? Store { get; set; }
}

[OptionsValidator] public sealed partial class PrefixesOptionsValidator : IValidateOptions<PrefixesOptions>;
