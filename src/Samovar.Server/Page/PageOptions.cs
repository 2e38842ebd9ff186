using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Server.Page;

/// <summary>The page in the browser that shows what the server does.</summary>
internal sealed class PageOptions
{
    public const string Section = "Page";

    /// <summary>Whether <c>/</c> is a page to browsers.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often a page hears of changes at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")] public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the engine is asked at most where state is.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00")] public TimeSpan MapInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A page that hears nothing for this long gets a comment.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Pages that are open at once.</summary>
    [Range(1, 100_000)] public int WatchersMax { get; set; } = 100;

    /// <summary>Of these, pages of one tenant.</summary>
    [Range(1, 100_000)] public int WatchersPerTenantMax { get; set; } = 20;

    /// <summary>Sessions that are shown, those used last.</summary>
    [Range(1, 100_000)] public int SessionsMax { get; set; } = 1000;

    /// <summary>Lanes that are shown.</summary>
    [Range(1, 100_000)] public int LanesMax { get; set; } = 2000;

    /// <summary>Turns that are shown: those that go on, and the newest that ended.</summary>
    [Range(1, 100_000)] public int TurnsMax { get; set; } = 4000;

    /// <summary>Of these, turns of one lane.</summary>
    [Range(1, 1000)] public int TurnsPerLaneMax { get; set; } = 20;

    /// <summary>Shared starts that are shown.</summary>
    [Range(0, 1000)] public int PrefixesMax { get; set; } = 50;

    /// <summary>Of these, the shortest in tokens: what is shorter is how every conversation begins, a template's first marks.</summary>
    [Range(1, 1_000_000)] public int PrefixTokensMin { get; set; } = 16;

    /// <summary>Responses of a chain that are read at once.</summary>
    [Range(1, 10_000)] public int ChainMax { get; set; } = 200;

    /// <summary>Changes that a page which reads slowly, or comes back, can still get; after that it gets all again.</summary>
    [Range(1, 100_000)] public int HistoryMax { get; set; } = 240;

    /// <summary>Their bytes, of each tenant's page.</summary>
    [Range(1024, 1 << 30)] public int HistoryBytesMax { get; set; } = 8 << 20;

    /// <summary>How long after its last page was closed they are kept.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan ResumeMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a login lasts.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")] public TimeSpan LoginAgeMax { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Logins of all tenants.</summary>
    [Range(1, 1_000_000)] public int LoginsMax { get; set; } = 10_000;

    /// <summary>Logins of one tenant; with one more, its oldest ends.</summary>
    [Range(1, 1_000_000)] public int LoginsPerTenantMax { get; set; } = 100;

    /// <summary>Wrong keys that one address may try before it has to wait; the wait doubles with each further one.</summary>
    [Range(1, 1000)] public int LoginFailuresMax { get; set; } = 5;

    /// <summary>The longest such wait; after it without a failure the address begins again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan LoginWaitMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Addresses whose failures are remembered; those beyond share one memory.</summary>
    [Range(1, 1_000_000)] public int LoginAddressesMax { get; set; } = 10_000;
}

[OptionsValidator] internal sealed partial class PageOptionsValidator : IValidateOptions<PageOptions>;
