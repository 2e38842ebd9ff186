using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Quotas;

/// <summary>How nodes that share a database share the quotas of tenants and the limits of destinations.</summary>
public sealed class QuotaOptions
{
    public const string Section = "Quotas";

    /// <summary>How long a turn waits for the database to say what is left of a quota; then this node goes on with its even
    /// share.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:00:30")] public TimeSpan AnswerMax { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How soon a node may ask again where it was granted less than it wanted.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:00:10")] public TimeSpan AskPause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How soon a node asks again that had no answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")] public TimeSpan AwayPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a node keeps what it was granted and does not use; then it gives that back.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")] public TimeSpan IdleMax { get; set; } = TimeSpan.FromSeconds(5);
}

[OptionsValidator] public sealed partial class QuotaOptionsValidator : IValidateOptions<QuotaOptions>;
